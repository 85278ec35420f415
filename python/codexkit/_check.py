"""Refuses arguments that cannot be right, before anything is sent.

Only kinds and closed sets of words are looked at here; whether a directory exists or a prompt is empty is
checked by the core, for every language.
"""

from __future__ import annotations

from .errors import InvalidArgumentError, TransportClosedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from . import _native

_TEXTS = frozenset(
    [
        "base_instructions",
        "cursor",
        "developer_instructions",
        "id",
        "login_id",
        "media_type",
        "model",
        "model_provider",
        "name",
        "objective",
        "search_term",
        "section_id",
        "service_name",
        "service_tier",
        "source",
        "thread_id",
        "turn_id",
        "turn_service_tier",
    ]
)
_FLAGS = frozenset(
    [
        "archived",
        "ephemeral",
        "include_hidden",
        "include_turns",
        "persist",
        "refresh_token",
        "use_state_db_only",
    ]
)
_OBJECTS = frozenset(("config", "output_schema"))
_WORDS = {
    "personality": "Personality",
    "session_start_source": "ThreadStartSource",
    "sort_direction": "SortDirection",
    "sort_key": "ThreadSortKey",
    "source_kinds": "ThreadSourceKind",
    "status": "ThreadGoalStatus",
    "summary": "ReasoningSummaryValue",
}
# The engine takes any word here; the enums list those that are known.
_OPEN_WORDS = {"effort": "ReasoningEffort", "thread_source": "ThreadSource"}
_MORE_WORDS = {"summary": ("none",)}
_LISTS = frozenset(("model_providers", "source_kinds"))


def refuse(name: str, why: str) -> NoReturn:
    """Raises the error for an argument.

    Args:
        name: The argument.
        why: What is wrong and what would be right.

    Raises:
        InvalidArgumentError: Always.
    """
    raise InvalidArgumentError(f"{name}: {why}", argument=name)


def check(name: str, value: Any) -> Any:
    """Looks at an argument that was given.

    Args:
        name: Its name in Python.
        value: Its value, not ``None``.

    Returns:
        The value as it is sent.

    Raises:
        InvalidArgumentError: If it is of the wrong kind, or a word that the engine does not have.
    """
    if name in _TEXTS:
        return value if isinstance(value, str) else _wrong(name, "a string", value)
    if name in _FLAGS:
        return value if isinstance(value, bool) else _wrong(name, "True or False", value)
    if name in _OBJECTS:
        return _object(name, value)
    if name in _LISTS:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            _wrong(name, "a list of strings", value)
        return [_item(name, item) for item in value]
    if name in _WORDS or name in _OPEN_WORDS:
        return _word(name, value)
    if name == "cwd":
        return (
            [_path(name, item) for item in value] if isinstance(value, list) else _path(name, value)
        )
    if name in ("limit", "max_bytes", "token_budget"):
        return count(name, value)
    return value


def _wrong(name: str, expected: str, value: object) -> NoReturn:
    refuse(name, f"expected {expected}, not {type(value).__name__}")


def _item(name: str, value: object) -> object:
    if name in _WORDS:
        return _word(name, value)
    return value if isinstance(value, str) else _wrong(name, "a list of strings", value)


def _object(name: str, value: Any) -> Any:
    if hasattr(value, "model_dump"):
        value = value.model_dump(by_alias=True, mode="json")
    if not hasattr(value, "keys") or not all(isinstance(key, str) for key in value):
        _wrong(name, "a dict with strings as keys", value)
    return value if isinstance(value, dict) else dict(value)


def _path(name: str, value: Any) -> str:
    if not isinstance(value, str) and not hasattr(value, "__fspath__"):
        # The official SDK's named strings.
        value = getattr(value, "root", value)
    if not isinstance(value, str) and not hasattr(value, "__fspath__"):
        _wrong(name, "a path", value)
    from os import fspath

    path = fspath(value)
    return path if isinstance(path, str) else _wrong(name, "a path of text", path)


def _word(name: str, value: Any) -> Any:
    # The official SDK's enums are no strings, and its wrappers of several enums have a root.
    plain = getattr(value, "root", value)
    plain = getattr(plain, "value", plain)
    is_open = name in _OPEN_WORDS
    if is_open and isinstance(plain, str) and plain.strip():
        return plain
    from .generated import registry

    known = registry.ENUMS[(_OPEN_WORDS if is_open else _WORDS)[name]].split(" ")
    known += _MORE_WORDS.get(name, ())
    if not isinstance(plain, str) or plain not in known:
        refuse(name, f"{plain!r} is not one of: {', '.join(known)}")
    return plain


def text(name: str, value: Any) -> str:
    """Checks an argument that must be a text and say something.

    Args:
        name: The argument.
        value: Its value.

    Returns:
        The value.

    Raises:
        InvalidArgumentError: If it is no string, or blank.
    """
    if not isinstance(value, str):
        _wrong(name, "a string", value)
    if not value.strip():
        refuse(name, "it is empty")
    return value


def count(name: str, value: Any, least: int = 0) -> int:
    """Checks a whole number.

    Args:
        name: The argument.
        value: Its value.
        least: The smallest that can be.

    Returns:
        The value.

    Raises:
        InvalidArgumentError: If it is no whole number, or smaller.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        refuse(name, f"expected a number of at least {least}, not {value!r}")
    return value


def seconds(name: str, value: Any) -> float | None:
    """Checks an optional number of seconds.

    Args:
        name: The argument.
        value: Its value.

    Returns:
        The value.

    Raises:
        InvalidArgumentError: If it is no number, or negative.
    """
    if value is None:
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        _wrong(name, "a number of seconds", value)
    if not 0 <= value < float("inf"):
        refuse(name, f"expected a number of seconds of at least 0, not {value!r}")
    return value


def handler(value: Any) -> Any:
    """Checks an optional approval handler.

    Args:
        value: What was given.

    Returns:
        It.

    Raises:
        InvalidArgumentError: If it cannot be called.
    """
    if value is not None and not callable(value):
        _wrong("approval_handler", "a function of the method and the parameters", value)
    return value


def is_async(function: Any) -> bool:
    """Whether calling it gives a coroutine, as far as can be seen.

    Args:
        function: Something that can be called.

    Returns:
        ``True`` for ``async`` functions, and objects that are called like them.
    """
    from inspect import iscoroutinefunction

    called = getattr(function, "__call__", None)  # noqa: B004
    return iscoroutinefunction(function) or iscoroutinefunction(called)


def connected(client: Any) -> _native.Client:
    """The engine's connection of a client that an application has.

    Args:
        client: A client, high-level or low-level.

    Returns:
        The native client.

    Raises:
        InvalidArgumentError: If it is no client.
        TransportClosedError: If it is not started.
    """
    native = getattr(client, "_native", client)
    if native is None:
        raise TransportClosedError("the client is not started")
    if not hasattr(native, "thread_start"):
        _wrong("client", "a client of codexkit", client)
    return native
