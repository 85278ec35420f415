"""Testing agents without a model: offline, deterministic, without a key.

:class:`ScriptedModel` is a local server that speaks the model's side of the wire and answers what a
script says; the real engine runs in front of it::

    with ScriptedModel({"replies": [{"items": [{"message": "Hello!"}]}]}) as model:
        with Codex(model.config()) as codex:
            assert codex.thread_start().run("Hi").final_response == "Hello!"

pytest users get the fixture ``scripted_model`` (see :mod:`codexkit.testing.pytest_plugin`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from codexkit import CodexConfig

__all__ = ["ScriptedModel"]


class ScriptedModel:
    """A model server on a local port whose replies are a script."""

    def __init__(self, script: Mapping[str, Any] | str) -> None:
        """Start the server.

        Args:
            script: The script as a dict or as JSON text: ``{"replies": [...]}``, or ``{"rules":
                [...]}`` for replies by prompt, model or kind of request.

        Raises:
            InvalidArgumentError: If the script is not well formed; the message names the bad key.
        """
        from codexkit import _native

        text = script if isinstance(script, str) else _native.dumps(script)
        self._native = _native.ScriptedModel(text)
        self._homes: list[str] = []

    def __enter__(self) -> Self:
        """The server itself, which runs already."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Close the server."""
        self.close()

    @property
    def base_url(self) -> str:
        """The server's address, ending in ``/v1``."""
        return self._native.base_url

    @property
    def config_overrides(self) -> list[str]:
        """The engine's settings that make it use this model, for ``CodexConfig.config_overrides``."""
        return self._native.config_overrides()

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests the engine has made so far, oldest first, with their JSON bodies."""
        return self._native.requests()

    def wait_for_requests(self, count: int, timeout: float = 10.0) -> list[dict[str, Any]]:
        """Wait until the engine has made so many requests.

        Args:
            count: How many.
            timeout: Seconds to wait at most.

        Returns:
            The requests so far.

        Raises:
            TimeoutError: If there were fewer when the time was up.
        """
        if not self._native.wait_for_requests(count, timeout):
            seen = len(self._native.requests())
            raise TimeoutError(f"{seen} of {count} requests came within {timeout} s")
        return self.requests

    def config(self, home: str | PathLike[str] | None = None, **fields: Any) -> CodexConfig:
        """A configuration whose engine talks to this model only.

        Args:
            home: The engine's ``CODEX_HOME``; without it a fresh one that :meth:`close` removes.
            fields: Further fields of :class:`~codexkit.CodexConfig`; ``env`` and
                ``config_overrides`` are added to.

        Returns:
            The configuration.
        """
        from os import fspath, makedirs

        from codexkit import CodexConfig

        folder = self._fresh_home() if home is None else fspath(home)
        makedirs(folder, exist_ok=True)
        # Nothing of the user's own set-up may reach the engine under test.
        env = {"CODEX_HOME": folder, "OPENAI_API_KEY": None, "CODEX_API_KEY": None}
        fields["env"] = {**env, **(fields.get("env") or {})}
        fields["config_overrides"] = (
            *self.config_overrides,
            *fields.get("config_overrides", ()),
        )
        return CodexConfig(**fields)

    def _fresh_home(self) -> str:
        """A new folder, not below the system's temporary one: the engine refuses helpers there."""
        from os import makedirs
        from os.path import expanduser, join
        from tempfile import mkdtemp

        parent = join(expanduser("~"), ".cache", "codexkit", "testing")
        makedirs(parent, exist_ok=True)
        folder = mkdtemp(prefix="home-", dir=parent)
        self._homes.append(folder)
        return folder

    def close(self) -> None:
        """Stop the server and remove the folders that were made for it."""
        from shutil import rmtree

        self._native.shutdown()
        while self._homes:
            rmtree(self._homes.pop(), ignore_errors=True)
