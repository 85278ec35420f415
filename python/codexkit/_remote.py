"""Engines that somebody else started, and what to do when the connection to one is lost; restarts of one's own."""

from __future__ import annotations

from ._record import Record
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any, NoReturn


class Reconnect(Record):
    """What to do when the connection to a remote engine is lost; ``None`` in its place means nothing."""

    __slots__ = ("initial_delay_s", "max_attempts", "max_delay_s")

    def __init__(
        self,
        max_attempts: int | None = None,
        initial_delay_s: float | None = None,
        max_delay_s: float | None = None,
    ) -> None:
        """Make a policy.

        Args:
            max_attempts: Attempts in a row until the client is closed (default 5; 0 means never to
                try).
            initial_delay_s: Seconds before the first attempt (default 0.25); the pause doubles with
                every further one, and each is shortened by up to a half at random.
            max_delay_s: The longest pause, in seconds (default 8).
        """
        self.max_attempts = max_attempts
        self.initial_delay_s = initial_delay_s
        self.max_delay_s = max_delay_s


class Restart(Record):
    """When to start an engine again that ended by itself."""

    __slots__ = ("initial_delay_s", "max_attempts", "max_delay_s")

    def __init__(
        self,
        max_attempts: int | None = None,
        initial_delay_s: float | None = None,
        max_delay_s: float | None = None,
    ) -> None:
        """Make a policy.

        Args:
            max_attempts: Restarts in a row until the client is closed (default 5). An engine that has run for longer
                than ``max_delay_s`` begins a new row.
            initial_delay_s: Seconds before the first restart (default 0.1); the pause doubles with every further one
                in a row, and each is shortened by up to a half at random.
            max_delay_s: The longest pause, in seconds (default 10).
        """
        self.max_attempts = max_attempts
        self.initial_delay_s = initial_delay_s
        self.max_delay_s = max_delay_s


class RemoteEngine(Record):
    """An engine to connect to: ``codex app-server --listen ...`` that somebody else started."""

    __slots__ = (
        "allow_insecure_token",
        "answer_requests",
        "bearer_token",
        "ca_file",
        "connect_timeout_s",
        "keep_alive_s",
        "reconnect",
        "url",
    )

    def __init__(
        self,
        url: str,
        bearer_token: str | None = None,
        *,
        connect_timeout_s: float | None = None,
        reconnect: Reconnect | None = Reconnect(),  # noqa: B008 - it is never changed
        ca_file: str | PathLike[str] | None = None,
        allow_insecure_token: bool = False,
        keep_alive_s: float | None = None,
        answer_requests: bool = True,
    ) -> None:
        """Name an engine; it is checked when a client is started with it.

        Args:
            url: ``unix://PATH``, ``ws://HOST:PORT`` or ``wss://HOST:PORT``.
            bearer_token: The token that the engine asks for. It is never shown.
            connect_timeout_s: Seconds for a connection with its handshake (default 10).
            reconnect: What to do when the connection is lost; ``None`` closes the client.
            ca_file: A PEM file with the only certificates to trust, for ``wss://``; without it the
                system's are.
            allow_insecure_token: Send the token over ``ws://`` to another machine, where others may
                read it on the way.
            keep_alive_s: Seconds between the signs of life that the engine is asked for (default 20);
                after three without one the connection counts as lost.
            answer_requests: Whether this client answers approvals, questions and tool calls. The engine
                asks every client on a thread and takes the first answer; one that only watches must
                not answer.
        """
        self.url = url
        self.bearer_token = bearer_token
        self.connect_timeout_s = connect_timeout_s
        self.reconnect = reconnect
        self.ca_file = ca_file
        self.allow_insecure_token = allow_insecure_token
        self.keep_alive_s = keep_alive_s
        self.answer_requests = answer_requests

    def __repr__(self) -> str:
        shown = {name: getattr(self, name) for name in self.__match_args__}
        # A token may stand in the URL, too.
        shown["url"] = str(self.url).split("?")[0]
        if self.bearer_token is not None:
            shown["bearer_token"] = "[redacted]"
        fields = ", ".join(f"{name}={value!r}" for name, value in shown.items())
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {name: getattr(self, name) for name in self.__match_args__}
        return _restore, (fields,)


def _restore(fields: dict[str, Any]) -> RemoteEngine:
    return RemoteEngine(**fields)


_NUMBER = (int, float)
_KINDS: dict[str, tuple[type, ...]] = {
    "url": (str,),
    "bearer_token": (str,),
    "connect_timeout_s": _NUMBER,
    "keep_alive_s": _NUMBER,
    "allow_insecure_token": (bool,),
    "answer_requests": (bool,),
    "max_attempts": (int,),
    "initial_delay_s": _NUMBER,
    "max_delay_s": _NUMBER,
}


def remote_options(remote: str | RemoteEngine) -> dict[str, Any]:
    """A remote engine as the native client takes it.

    Args:
        remote: The engine, or its URL.

    Returns:
        A dict of JSON values.

    Raises:
        InvalidArgumentError: For a value of the wrong kind, naming the field.
    """
    if isinstance(remote, str):
        remote = RemoteEngine(remote)
    if not isinstance(remote, RemoteEngine):
        _refuse("remote", "a URL or a RemoteEngine", remote)
    options = _fields(remote, "remote.")
    if remote.ca_file is not None:
        if not isinstance(remote.ca_file, str) and not hasattr(remote.ca_file, "__fspath__"):
            _refuse("remote.ca_file", "a path", remote.ca_file)
        options["ca_file"] = remote.ca_file
    if remote.reconnect is None:
        options["reconnect"] = {"max_attempts": 0}
    elif isinstance(remote.reconnect, Reconnect):
        options["reconnect"] = _fields(remote.reconnect, "remote.reconnect.")
    else:
        _refuse("remote.reconnect", "a Reconnect or None", remote.reconnect)
    return options


def restart_options(restart: bool | Restart) -> dict[str, Any] | None:
    """When to restart an engine, as the native client takes it.

    Args:
        restart: The policy; ``True`` for that of the defaults, ``False`` for none.

    Returns:
        A dict of JSON values, or None.

    Raises:
        InvalidArgumentError: For a value of the wrong kind, naming the field.
    """
    if isinstance(restart, bool):
        return {} if restart else None
    if not isinstance(restart, Restart):
        _refuse("restart", "True, False or a Restart", restart)
    return _fields(restart, "restart.")


def _fields(record: Record, prefix: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in record.__match_args__:
        kinds = _KINDS.get(name)
        value: Any = getattr(record, name)
        if kinds is None or (value is None and name != "url"):
            continue
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            _refuse(prefix + name, " or ".join(kind.__name__ for kind in kinds), value)
        if name == "max_attempts" and not (isinstance(value, int) and 0 <= value < 2**32):
            raise InvalidArgumentError(
                f"{prefix}{name}: {value} is no number from 0 to {2**32 - 1}",
                argument=prefix + name,
            )
        fields[name] = value
    return fields


def _refuse(name: str, expected: str, value: Any) -> NoReturn:
    raise InvalidArgumentError(
        f"{name}: expected {expected}, not {type(value).__name__}", argument=name
    )
