"""Where the official SDK would find the engine, for programs that ask before they start it.

Starting an engine does not come through here: the core looks in more places (see ``CodexConfig``).
"""

from __future__ import annotations

from ._record import Record
from .errors import EngineNotFoundError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ._config import CodexConfig

RUNTIME_PKG_NAME = "openai-codex-cli-bin"
"""The package that brings the engine."""


class CodexBinResolverOps(Record):
    """What :func:`resolve_codex_bin` asks the system, so that a test can answer instead."""

    __slots__ = ("installed_codex_path", "path_exists")

    def __init__(
        self, installed_codex_path: Callable[[], Path], path_exists: Callable[[Path], bool]
    ) -> None:
        """Make the operations.

        Args:
            installed_codex_path: Gives the path of the installed package's engine, or raises.
            path_exists: Whether there is a file.
        """
        self.installed_codex_path = installed_codex_path
        self.path_exists = path_exists


def resolve_codex_bin(config: CodexConfig, ops: CodexBinResolverOps) -> Path:
    """The engine of a configuration: ``codex_bin``, or the installed package's.

    Args:
        config: The configuration.
        ops: How to ask the system.

    Returns:
        The executable's path.

    Raises:
        EngineNotFoundError: If ``codex_bin`` does not exist. It is a ``FileNotFoundError``, too.
    """
    from pathlib import Path

    if config.codex_bin is None:
        return ops.installed_codex_path()
    path = Path(config.codex_bin)
    if not ops.path_exists(path):
        raise EngineNotFoundError(
            f"codex_bin: there is no engine at {path}; give the path of a codex executable",
            argument="codex_bin",
        )
    return path


def default_codex_home() -> str:
    """Where an engine keeps its configuration and threads unless ``CODEX_HOME`` says otherwise.

    Returns:
        The path of ``.codex`` in the user's home.
    """
    from pathlib import Path

    return str(Path.home() / ".codex")
