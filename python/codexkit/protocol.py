"""The engine's whole protocol: every method under its own name, and what the engine asks.

``codex.api`` is an :class:`Api` or an :class:`AsyncApi`; a method ``thread/goal/set`` is
``codex.api.thread.goal.set(thread_id=..., objective=...)``. The stub next to this file has every
signature. Here the methods are made from the registry's tables when they are first named; what they are
sent is checked by the core, against the engine's schema, before it is sent.
"""

from __future__ import annotations

from ._check import connected, refuse, seconds
from ._params import camel
from ._types import converter, python_name, response
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._async import AsyncCodex
    from ._sync import Codex

__all__ = ["Api", "AsyncApi", "request_answer", "request_params"]

_tree: dict[str, dict[str, str]] = {}


def _children(path: str) -> dict[str, str]:
    """The names below a path of the protocol: in Python, and on the wire."""
    if not _tree:
        from keyword import iskeyword

        from .generated import registry

        for method in registry.RESPONSES:
            above = ""
            for name in method.split("/"):
                attribute = python_name(name)
                attribute += "_" if iskeyword(attribute) else ""
                _tree.setdefault(above, {})[attribute] = name
                above = f"{above}/{name}" if above else name
    return _tree.get(path, {})


def _fields(method: str) -> dict[str, str]:
    """The parameters of a method: their names in Python, and on the wire."""
    from .generated import registry

    kind = registry.PARAMS.get(method, "")
    structs = [kind]
    if kind in registry.UNIONS:
        structs = [arm for arms in registry.UNIONS[kind][1].values() for arm in arms.split("|")]
    tokens = (
        token
        for name in structs
        if name in registry.STRUCTS
        for token in registry.STRUCTS[name].split()
    )
    wires = (token.partition(":")[0].removesuffix("?") for token in tokens)
    return {python_name(wire): wire for wire in wires}


def _nulls(method: str) -> list[str]:
    """The parameters whose ``None`` is sent."""
    from .generated import registry

    return registry.NULLS.get(registry.PARAMS.get(method, ""), "").split()


class _Group:
    """A name of the protocol that has names below it."""

    _path = ""

    def __init__(self, client: Any, path: str = "") -> None:
        self._client = client
        if path:
            self._path = path

    def __getattr__(self, name: str) -> Any:
        children = _children(self._path)
        wire = children.get(name)
        if wire is None:
            place = self._path or "the protocol"
            message = f"{place} has no method or group {name!r}; it has {', '.join(children)}"
            raise AttributeError(message, name=name, obj=self)
        path = f"{self._path}/{wire}" if self._path else wire
        return self._below(path)

    def _below(self, path: str) -> Any:
        from .generated import registry

        is_method, is_group = path in registry.RESPONSES, bool(_children(path))
        if is_method and is_group:
            return _MethodGroup(self._client, path)
        return (_Method if is_method else _Group)(self._client, path)

    def __dir__(self) -> list[str]:
        return list(_children(self._path))

    def __repr__(self) -> str:
        return f"<the protocol's {self._path or 'methods'}>"


class _Method:
    """A method of the protocol, of one client."""

    def __init__(self, client: Any, path: str) -> None:
        self._client = client
        self._path = path

    def __call__(
        self,
        *positional: Any,
        extra: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        **arguments: Any,
    ) -> Any:
        """Call the method; the stub has its parameters."""
        fields = _fields(self._path)
        if positional:
            refuse("params", f"{self._path} takes keyword arguments only: {', '.join(fields)}")
        params = {}
        for name, value in arguments.items():
            if name not in fields:
                refuse(name, _unknown(self._path, name, fields))
            if value is not None or fields[name] in _nulls(self._path):
                params[fields[name]] = _plain(value)
        return self._client.call(
            self._path, params, _extra(extra, fields), seconds("timeout", timeout)
        )

    @property
    def __doc__(self) -> str:  # pyright: ignore
        from .generated import registry

        arguments = ", ".join(f"{name}=" for name in _fields(self._path))
        answer = registry.RESPONSES[self._path]
        return f"Call ``{self._path}``: ({arguments}) -> {answer}."

    @property
    def __signature__(self) -> Any:
        from inspect import Parameter, Signature

        names = [*_fields(self._path), "extra", "timeout"]
        return Signature([Parameter(name, Parameter.KEYWORD_ONLY, default=None) for name in names])

    def __repr__(self) -> str:
        return f"<the protocol's {self._path}>"


class _MethodGroup(_Method, _Group):  # pyright: ignore[reportIncompatibleMethodOverride]
    """A name that is a method and has names below it, as ``command/exec``."""

    __dir__ = _Group.__dir__


def _unknown(method: str, name: str, fields: dict[str, str]) -> str:
    if not fields:
        return f"{method} takes no parameters"
    plain = name.replace("_", "").lower()
    for known, wire in fields.items():
        if wire.replace("_", "").lower() == plain:
            return f"{method} has no such parameter; it is called {known}"
    return (
        f"{method} has no such parameter; it takes {', '.join(fields)}. "
        "What this version does not know yet goes into extra="
    )


def _extra(extra: Any, fields: dict[str, str]) -> dict[str, Any] | None:
    if extra is None:
        return None
    if not hasattr(extra, "keys") or not all(isinstance(name, str) for name in extra):
        refuse("extra", "must be a dict with strings as keys")
    wires = set(fields.values())
    return {
        fields.get(name) or (name if name in wires else camel(name)): _plain(extra[name])
        for name in extra
    }


def _plain(value: Any) -> Any:
    """Mappings and sequences as dicts and lists, which is what the core takes."""
    if isinstance(value, (str, int, float, bytes, type(None))) or hasattr(value, "model_dump"):
        return value
    if hasattr(value, "keys"):
        return {key: _plain(value[key]) for key in value}
    if isinstance(value, (list, tuple)) or hasattr(value, "__getitem__"):
        return [_plain(item) for item in value]
    return value


def _renamed(error: InvalidArgumentError) -> InvalidArgumentError:
    """The core's error with the argument's name in Python."""
    wire = error.argument or ""
    head = wire.replace("[", ".").partition(".")[0]
    name = python_name(head) + wire[len(head) :] if head else wire
    message = str(error)
    if wire and message.startswith(f"{wire}: "):
        message = name + message[len(wire) :]
    return InvalidArgumentError(message, argument=name or None, method=error.method)


class _Caller:
    """Sends what the methods of a synchronous client are called with."""

    def __init__(self, native: Any) -> None:
        self._native = native

    def call(self, method: str, params: Any, extra: Any, timeout: float | None) -> Any:
        try:
            answer = self._native.api(method, params, extra, timeout)
        except InvalidArgumentError as error:
            raise _renamed(error) from None
        return response(method, answer)


class _AsyncCaller:
    """The same for an asynchronous client, which may have to start first."""

    def __init__(self, client: AsyncCodex) -> None:
        self._client = client

    async def call(self, method: str, params: Any, extra: Any, timeout: float | None) -> Any:
        from ._async_thread import _running_loop

        native = await self._client._connected()
        try:
            answer = await native.api(method, params, extra, timeout, _running_loop())
        except InvalidArgumentError as error:
            raise _renamed(error) from None
        return response(method, answer)


class Api(_Group):
    """The methods of the protocol, of one :class:`~codexkit.Codex`."""

    def __init__(self, client: Codex) -> None:
        """Make it for a client.

        Args:
            client: The client.
        """
        super().__init__(_Caller(connected(client)))


class AsyncApi(_Group):
    """The methods of the protocol, of one :class:`~codexkit.AsyncCodex`."""

    def __init__(self, client: AsyncCodex) -> None:
        """Make it for a client.

        Args:
            client: The client.
        """
        super().__init__(_AsyncCaller(client))


def request_params(method: str, params: Mapping[str, Any]) -> Any:
    """The parameters of an engine's request as the class of its type.

    Args:
        method: The request's method, as an approval handler gets it.
        params: The parameters, as an approval handler gets them.

    Returns:
        The object; the parameters themselves for a method that this version does not know.
    """
    return _typed(method, params, 0)


def request_answer(method: str, params: Mapping[str, Any]) -> Any:
    """An answer to an engine's request as the class of its type.

    Args:
        method: The request's method.
        params: The answer, with the wire's names.

    Returns:
        The object; the answer itself for a method that this version does not know.
    """
    return _typed(method, params, 1)


def _typed(method: str, value: Any, which: int) -> Any:
    from .generated import registry

    kinds = registry.SERVER_REQUESTS.get(method)
    convert = converter(kinds.split(" ")[which]) if kinds else None
    return value if convert is None else convert(value)
