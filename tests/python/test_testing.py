"""``codexkit.testing``: the scripted model and the pytest fixtures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from codexkit import Codex, InvalidArgumentError
from codexkit.testing import ScriptedModel

pytest_plugins = ("pytester",)


def test_a_model_in_one_line() -> None:
    with ScriptedModel({"replies": ["Hello!"]}) as model:
        config = model.config()
        home = Path(config.env["CODEX_HOME"])
        with Codex(config) as codex:
            assert codex.thread_start().run("Hi").final_response == "Hello!"
        requests = model.wait_for_requests(1)
        assert requests == model.requests
        assert "Hi" in str(requests[0]["body"]["input"])
        assert model.base_url.startswith("http://127.0.0.1:")
        assert home.is_dir()
        with pytest.raises(TimeoutError, match="1 of 2"):
            model.wait_for_requests(2, timeout=0.05)
    assert not home.exists()


def test_a_bad_script_names_the_bad_key() -> None:
    with pytest.raises(InvalidArgumentError, match="replys"):
        ScriptedModel({"replys": []})
    with pytest.raises(InvalidArgumentError):
        ScriptedModel("{")


def test_the_fixture_starts_models(scripted_model: Any) -> None:
    first, second = scripted_model({"replies": ["1"]}), scripted_model({"replies": ["2"]})
    assert first.base_url != second.base_url


@pytest.mark.codex_script({"replies": ["from the mark"]})
def test_the_marked_fixture(codex_model: ScriptedModel) -> None:
    with Codex(codex_model.config()) as codex:
        assert codex.thread_start().run("Hi").final_response == "from the mark"


def test_the_fixture_answers_ok_without_a_mark(codex_model: ScriptedModel) -> None:
    assert codex_model.config(client_name="mine", env={"A": None}).env == {
        "CODEX_HOME": codex_model.config_overrides and codex_model._homes[0],
        "OPENAI_API_KEY": None,
        "CODEX_API_KEY": None,
        "A": None,
    }
    assert os.path.isdir(codex_model._homes[0])
