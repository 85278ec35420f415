"""How to find, start and talk to an engine."""

from __future__ import annotations

from ._record import Record
from ._version import __version__
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike
    from typing import Any

    from ._mcp_servers import McpServer
    from ._remote import RemoteEngine, Restart


class CodexConfig(Record):
    """The options of :class:`~codexkit.Codex` and :class:`~codexkit.AsyncCodex`.

    All fields have defaults. The first nine are the official SDK's; ``env`` can also unset.
    """

    __slots__ = (
        "approval_timeout",
        "capabilities",
        "client_name",
        "client_title",
        "client_version",
        "close_timeout",
        "codex_bin",
        "config",
        "config_overrides",
        "cwd",
        "env",
        "env_inherit",
        "experimental_api",
        "initialize_timeout",
        "launch_args_override",
        "max_line_bytes",
        "mcp_servers",
        "prewarm",
        "queue_hard_bytes",
        "queue_hard_events",
        "queue_soft_bytes",
        "queue_soft_events",
        "remote",
        "request_timeout",
        "restart",
    )

    def __init__(
        self,
        codex_bin: str | PathLike[str] | None = None,
        launch_args_override: Sequence[str] | None = None,
        config_overrides: Sequence[str] = (),
        cwd: str | PathLike[str] | None = None,
        env: Mapping[str, str | None] | None = None,
        client_name: str = "codexkit_python",
        client_title: str = "codexkit for Python",
        client_version: str = __version__,
        experimental_api: bool = True,
        *,
        config: Mapping[str, Any] | None = None,
        capabilities: Mapping[str, Any] | None = None,
        env_inherit: bool = True,
        initialize_timeout: float | None = None,
        request_timeout: float | None = None,
        close_timeout: float | None = None,
        approval_timeout: float | None = None,
        max_line_bytes: int | None = None,
        queue_soft_events: int | None = None,
        queue_soft_bytes: int | None = None,
        queue_hard_events: int | None = None,
        queue_hard_bytes: int | None = None,
        remote: str | RemoteEngine | None = None,
        mcp_servers: Mapping[str, McpServer] | None = None,
        restart: bool | Restart = False,
        prewarm: bool = False,
    ) -> None:
        """Make a configuration; it is checked when an engine is started with it.

        Args:
            codex_bin: The engine's executable. Without it: ``CODEX_BINARY``, the installed
                ``openai-codex-cli-bin`` package, then ``PATH``.
            launch_args_override: A whole launch command instead; then ``codex_bin``, ``config`` and
                ``config_overrides`` are not used.
            config_overrides: Settings as ``key=value`` with TOML values, after those of ``config``.
            cwd: The engine's working directory.
            env: Environment variables over the inherited ones; ``None`` as a value unsets one.
            client_name: The name by which the application introduces itself to the engine.
            client_title: The name that people see.
            client_version: The application's version.
            experimental_api: Whether to ask for the experimental part of the protocol.
            config: Settings as native values, nested dicts allowed; they become TOML.
            capabilities: What else the application declares to the engine at the start
                (``initialize``), as the protocol has it, such as
                ``{"optOutNotificationMethods": ["thread/started"]}``.
            env_inherit: Whether the engine gets this process's environment at all.
            initialize_timeout: Seconds for the handshake (default 30).
            request_timeout: Seconds for any other answer (default 120).
            close_timeout: Seconds for the engine to end by itself on close (default 5).
            approval_timeout: Seconds for an approval handler before the request is declined
                (default 300).
            max_line_bytes: The longest message that is read (default 256 MiB).
            queue_soft_events: Unread events of a turn from which on deltas are joined.
            queue_soft_bytes: The same in bytes.
            queue_hard_events: Unread events at which a turn's stream ends with ``LaggedError``.
            queue_hard_bytes: The same in bytes.
            remote: An engine that runs already, or its URL; then nothing is started, and
                ``codex_bin``, ``launch_args_override``, ``config``, ``config_overrides``, ``cwd`` and
                ``env`` cannot be given.
            mcp_servers: MCP servers for every thread, by name. They become arguments of the engine, so
                likely secrets are refused: give such a server to ``thread_start``.
            restart: Whether (and when) to start the engine again when it ends by itself, load the
                client's threads into the new one and tell the turns that ran what became of them. By
                default, the engine's end is the client's.
            prewarm: Whether the constructor returns at once, and the engine gets ready on a background thread
                while the program goes on importing and building its prompt. The first call waits for it; what
                the start fails with is raised there.
        """
        self.codex_bin = codex_bin
        self.launch_args_override = launch_args_override
        self.config_overrides = config_overrides
        self.cwd = cwd
        self.env = env
        self.client_name = client_name
        self.client_title = client_title
        self.client_version = client_version
        self.experimental_api = experimental_api
        self.config = config
        self.capabilities = capabilities
        self.env_inherit = env_inherit
        self.initialize_timeout = initialize_timeout
        self.request_timeout = request_timeout
        self.close_timeout = close_timeout
        self.approval_timeout = approval_timeout
        self.max_line_bytes = max_line_bytes
        self.queue_soft_events = queue_soft_events
        self.queue_soft_bytes = queue_soft_bytes
        self.queue_hard_events = queue_hard_events
        self.queue_hard_bytes = queue_hard_bytes
        self.remote = remote
        self.mcp_servers = mcp_servers
        self.restart = restart
        self.prewarm = prewarm

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {name: getattr(self, name) for name in self.__match_args__}
        return _restore, (fields,)


def _restore(fields: dict[str, Any]) -> CodexConfig:
    return CodexConfig(**fields)


_KINDS: dict[str, Any] = {
    "config_overrides": (list, tuple),
    "launch_args_override": (list, tuple),
    "client_name": str,
    "client_title": str,
    "client_version": str,
    "experimental_api": bool,
    "env_inherit": bool,
    "max_line_bytes": int,
    "prewarm": bool,
}


def options_json(config: CodexConfig | None) -> str:
    """The configuration as the native client takes it.

    Args:
        config: The configuration; ``None`` for all defaults.

    Returns:
        JSON text.

    Raises:
        InvalidArgumentError: For a value of the wrong kind, naming the field.
    """
    config = CodexConfig() if config is None else config
    if not isinstance(config, CodexConfig):
        raise InvalidArgumentError(
            f"config: it must be a CodexConfig, not {type(config).__name__}", argument="config"
        )
    own = config.codex_bin is None and config.remote is None
    options: dict[str, Any] = {"bundled": _bundled() if own else None}
    queue: dict[str, Any] = {}
    for name in config.__match_args__:
        value = getattr(config, name)
        if value is None or name in ("env", "env_inherit", "mcp_servers", "remote", "restart"):
            continue
        _check(name, value)
        if name == "prewarm":
            continue  # when to start is not the engine's to know
        if name.startswith("queue_"):
            queue[name.removeprefix("queue_")] = value
        else:
            options[name + "_s" if name.endswith("_timeout") else name] = value
    if queue:
        options["queue"] = queue
    if config.remote is not None:
        from ._remote import remote_options

        options["remote"] = remote_options(config.remote)
    if config.restart is not False:
        from ._remote import restart_options

        options["restart"] = restart_options(config.restart)
    if config.mcp_servers is not None:
        from ._mcp_servers import wire_servers

        options["mcp_servers"] = wire_servers(config.mcp_servers)
    _check("env_inherit", config.env_inherit)
    options["env"] = _environment(config)

    from ._native import dumps

    return dumps(options)


def _check(name: str, value: Any) -> None:
    wanted: Any = _KINDS.get(name)
    if name.endswith("_timeout"):
        wanted = (int, float)
    elif name.startswith("queue_"):
        wanted = int
    elif name in ("capabilities", "config"):
        wanted = dict
    elif name in ("codex_bin", "cwd"):
        if isinstance(value, str) or hasattr(value, "__fspath__"):
            return
        wanted = str
    wrong = not isinstance(value, wanted) if wanted else False
    if wrong or (isinstance(value, bool) and wanted is not bool):
        kinds: Any = wanted if isinstance(wanted, tuple) else (wanted,)
        expected = " or ".join(kind.__name__ for kind in kinds)
        raise InvalidArgumentError(
            f"{name}: expected {expected}, not {type(value).__name__}", argument=name
        )
    if name in ("config_overrides", "launch_args_override"):
        items: Any = value
        for item in items:
            if not isinstance(item, str) and not hasattr(item, "__fspath__"):
                raise InvalidArgumentError(
                    f"{name}: expected strings, not {type(item).__name__}", argument=name
                )


def _environment(config: CodexConfig) -> dict[str, Any]:
    given = config.env or {}
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, (str, type(None))):
            raise InvalidArgumentError(
                f"env: {name!r} must be a string with a string or None", argument="env"
            )
    return {
        "inherit": config.env_inherit,
        "set": {name: value for name, value in given.items() if value is not None},
        "unset": [name for name, value in given.items() if value is None],
    }


def _bundled() -> dict[str, Any] | None:
    """The engine of the installed ``openai-codex-cli-bin`` package, if there is one."""
    try:
        import codex_cli_bin

        binary = codex_cli_bin.bundled_codex_path()
    except (ImportError, AttributeError, OSError):
        return None
    folder = getattr(codex_cli_bin, "bundled_path_dir", lambda: None)()
    return {
        "binary": str(binary),
        "path_dir": None if folder is None else str(folder),
        "package": "openai-codex-cli-bin",
    }
