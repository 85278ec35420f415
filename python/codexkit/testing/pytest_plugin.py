"""The pytest fixtures ``scripted_model`` and ``codex_model``; loaded by pytest itself once installed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from . import ScriptedModel


@pytest.fixture
def scripted_model() -> Iterator[Callable[[Mapping[str, Any] | str], ScriptedModel]]:
    """A function that starts a :class:`~codexkit.testing.ScriptedModel` for a script.

    The models end with the test::

        def test_greeting(scripted_model):
            model = scripted_model({"replies": [{"items": [{"message": "Hello!"}]}]})
            with Codex(model.config()) as codex:
                assert codex.thread_start().run("Hi").final_response == "Hello!"
    """
    from . import ScriptedModel

    with ExitStack() as stack:
        yield lambda script: stack.enter_context(ScriptedModel(script))


@pytest.fixture
def codex_model(request: pytest.FixtureRequest) -> Iterator[ScriptedModel]:
    """A model whose script comes from ``@pytest.mark.codex_script({...})`` on the test.

    Without the mark every request is answered with the message ``ok``.
    """
    from . import ScriptedModel

    mark = request.node.get_closest_marker("codex_script")
    reply = {"items": [{"message": "ok"}]}
    rule = {"rules": [{"replies": [reply], "repeat": "last"}]}
    with ScriptedModel(mark.args[0] if mark else rule) as model:
        yield model


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark that ``codex_model`` reads."""
    config.addinivalue_line(
        "markers", "codex_script(script): what the model of codex_model answers"
    )
