"""The exceptions of codexkit, under one root: :class:`CodexError`.

An exception says what happened, what to do about it, and carries the facts as attributes. The tree
has every class of the official SDK at its place in the hierarchy, and more leaves.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._result import TurnResult

__all__ = [
    "CodexError",
    "CodexRpcError",
    "CodexTimeoutError",
    "EngineNotFoundError",
    "EngineVersionError",
    "ForkedError",
    "InternalRpcError",
    "InvalidArgumentError",
    "InvalidOutputError",
    "InvalidParamsError",
    "InvalidRequestError",
    "JsonRpcError",
    "LaggedError",
    "MethodNotFoundError",
    "ParseError",
    "ProtocolError",
    "RetryLimitExceededError",
    "ServerBusyError",
    "SpawnError",
    "TransportClosedError",
    "TurnFailedError",
    "is_retryable_error",
    "map_jsonrpc_error",
]


class CodexError(Exception):
    """Base of every exception of this package.

    Attributes:
        message: What happened and what to do about it.
        kind: The machine-readable kind, the same word in every language of codexkit.
        method: The protocol method the error belongs to, if there is one.
        argument: The argument that was refused, if that is the cause.
        exit_code: The engine's exit code, when its end is the cause.
        signal: The signal that ended the engine, when its end is the cause.
        stderr_tail: The last lines of the engine's standard error, when its end is the cause.
        retryable: Whether the same call may succeed when it is repeated after a pause.
        needed_version: The oldest engine that would do, when the engine at hand is too old for a method, a
            parameter or a value.
    """

    kind: str = "error"
    method: str | None = None
    argument: str | None = None
    exit_code: int | None = None
    signal: int | None = None
    stderr_tail: str | None = None
    retryable: bool = False
    needed_version: str | None = None

    def __init__(self, *args: Any, **facts: Any) -> None:
        """Make an error with a message and any of the attributes.

        Args:
            args: What happened and what to do about it.
            facts: Any of the other attributes.
        """
        super().__init__(*args)
        self.message = str(args[0]) if args else ""
        for name, value in facts.items():
            setattr(self, name, value)


class TransportClosedError(CodexError):
    """The client was closed, or the engine ended: nothing more can be sent through it."""

    kind = "closed"


class EngineNotFoundError(CodexError, FileNotFoundError):
    """No engine was found in any of the places searched; the message lists them."""

    kind = "engine_not_found"


class EngineVersionError(CodexError):
    """The engine is too old for codexkit or for what was asked of it, or too new for what was removed.

    ``method`` and ``argument`` name what it lacks, if it is not the engine as a whole.
    """

    kind = "engine_version"


class SpawnError(CodexError):
    """The engine could not be started, or ended before it answered ``initialize``."""

    kind = "spawn"


class CodexTimeoutError(CodexError, TimeoutError):
    """A deadline passed before the engine answered."""

    kind = "timeout"


class ProtocolError(CodexError):
    """The engine sent something that cannot be understood where an answer was needed."""

    kind = "protocol"


class InvalidArgumentError(CodexError, ValueError, TypeError):
    """An argument was refused before anything was sent; ``argument`` names it.

    Whether the value or its type is wrong: it is a ``ValueError`` and a ``TypeError``.
    """

    kind = "invalid_argument"


class LaggedError(CodexError):
    """A reader of events fell too far behind and some were given up.

    The turn goes on and its result is exact; ``thread.read(include_turns=True)`` restores the items.
    """

    kind = "lagged"
    skipped: int | None = None
    """How many events were given up."""


class ForkedError(CodexError):
    """The client belongs to the parent process; make a new one in the child."""

    kind = "forked"


class TurnFailedError(CodexError, RuntimeError):
    """The engine ended the turn with status ``failed``.

    Attributes:
        result: The folded result: the items and the usage up to the failure, and the error.
        codex_error_info: The engine's classification of the error, or ``None``.
    """

    kind = "turn_failed"

    def __init__(self, message: str, result: TurnResult) -> None:
        """Make the error of a turn with this result.

        Args:
            message: Why it failed.
            result: What it came to.
        """
        super().__init__(message)
        self.result = result
        self.codex_error_info = None if result.error is None else result.error.codex_error_info


class GuardrailError(CodexError):
    """A guardrail did not let the input or the output of a turn pass.

    Attributes:
        guardrail: The guardrail's name.
        stage: ``input``, and no turn was started; or ``output``.
        reason: What it said, or what went wrong with it.
        result: What the turn came to, for an output.
    """

    kind = "guardrail"
    guardrail: str = ""
    stage: str = ""
    reason: str = ""
    result: TurnResult | None = None


class InvalidOutputError(CodexError, ValueError):
    """The model's answer is not of the ``output_type``, and there were no (more) repairs.

    Attributes:
        path: Where in the answer, as a JSON path: ``$.steps[0].title``.
        rule: The rule that is broken: the schema's keyword, as ``required``; ``json`` if the answer is no JSON;
            ``pydantic:<type>`` or ``<class>:<exception>`` for what the type's own check says.
        schema_path: Where in the schema the rule stands, as a JSON pointer; empty if it stands in none.
        raw_text: The whole answer, as the model gave it.
        attempts: How many turns were run, the repairs included.
        result: The last turn's result; its ``attempts`` are the turns before it.
    """

    kind = "invalid_output"
    path: str = "$"
    rule: str = ""
    schema_path: str = ""
    raw_text: str = ""
    attempts: int = 0
    result: TurnResult | None = None


class JsonRpcError(CodexError):
    """The engine answered a request with a JSON-RPC error.

    Attributes:
        code: The error code.
        data: The error's data, as the engine sent it.
    """

    kind = "rpc"

    def __init__(self, code: int, message: str, data: Any = None, **facts: Any) -> None:
        """Make an error from the engine's answer and any further attributes.

        Args:
            code: The error code.
            message: The engine's words.
            data: The error's data, as the engine sent it.
            facts: Any of the other attributes.
        """
        super().__init__(f"JSON-RPC error {code}: {message}", **facts)
        self.code = code
        self.message = message
        self.data = data


class CodexRpcError(JsonRpcError):
    """Base of the JSON-RPC errors that have a class of their own."""


class ParseError(CodexRpcError):
    """The engine could not parse the request (-32700)."""


class InvalidRequestError(CodexRpcError):
    """The engine refused the request in its present state or shape (-32600)."""


class MethodNotFoundError(CodexRpcError):
    """The engine does not know the method (-32601)."""


class InvalidParamsError(CodexRpcError):
    """The engine refused the parameters (-32602)."""


class InternalRpcError(CodexRpcError):
    """The engine failed while it handled the request (-32603)."""


class ServerBusyError(CodexRpcError):
    """The server is overloaded; repeat the call after a pause."""


class RetryLimitExceededError(ServerBusyError):
    """The engine's own retries are used up."""


_BY_CODE: dict[int, type[JsonRpcError]] = {
    -32700: ParseError,
    -32600: InvalidRequestError,
    -32601: MethodNotFoundError,
    -32602: InvalidParamsError,
    -32603: InternalRpcError,
}

_BY_KIND: dict[str, type[CodexError]] = {
    error.kind: error
    for error in (
        TransportClosedError,
        EngineNotFoundError,
        EngineVersionError,
        SpawnError,
        CodexTimeoutError,
        ProtocolError,
        InvalidArgumentError,
        InvalidOutputError,
        LaggedError,
        ForkedError,
    )
}


def _says_overloaded(data: Any) -> bool:
    """Whether an error's data carries the server's own word for being overloaded, at any depth."""
    if isinstance(data, str):
        return data.lower() in ("server_overloaded", "serveroverloaded")
    if isinstance(data, dict):
        return any(_says_overloaded(value) for value in data.values())
    if isinstance(data, list):
        return any(_says_overloaded(value) for value in data)
    return False


def map_jsonrpc_error(code: int, message: str, data: Any = None, **facts: Any) -> JsonRpcError:
    """The exception for a JSON-RPC error answer.

    Args:
        code: The error code.
        message: The engine's message.
        data: The error's data.
        facts: Further attributes of the exception.

    Returns:
        An instance of the most specific class; unknown codes give a plain :class:`JsonRpcError`.
    """
    known = _BY_CODE.get(code)
    if known is not None:
        return known(code, message, data, **facts)
    if not -32099 <= code <= -32000:
        return JsonRpcError(code, message, data, **facts)
    lowered = message.lower()
    if "retry limit" in lowered or "too many failed attempts" in lowered:
        return RetryLimitExceededError(code, message, data, **facts)
    if _says_overloaded(data):
        return ServerBusyError(code, message, data, **facts)
    return CodexRpcError(code, message, data, **facts)


def is_retryable_error(exc: BaseException) -> bool:
    """Whether an exception says that the server is overloaded and the call may be repeated.

    Args:
        exc: Any exception.

    Returns:
        ``True`` for :class:`ServerBusyError` and for JSON-RPC errors whose data says overloaded.
    """
    if isinstance(exc, ServerBusyError):
        return True
    return isinstance(exc, JsonRpcError) and _says_overloaded(exc.data)


def _invalid_output(message: str, facts: dict[str, Any]) -> InvalidOutputError:
    from ._result import turn_result

    outcome = facts["result"]
    result = None
    if outcome is not None:
        result = turn_result(outcome["turn"])
        result.attempts = [turn_result(turn) for turn in outcome["attempts"]]
    return InvalidOutputError(
        message,
        path=facts["path"],
        rule=facts["rule"],
        schema_path=facts["schemaPath"],
        raw_text=facts["rawText"],
        attempts=facts["attempts"],
        result=result,
    )


def _from_native(kind: str, message: str, **facts: Any) -> CodexError:
    """Builds the exception for an error of the core; called by the native module."""
    given = {name: value for name, value in facts.items() if value is not None}
    code = given.pop("code", None)
    data = given.pop("data", None)
    said = given.pop("rpc_message", message)
    output = given.pop("output", None)
    if output is not None:
        return _invalid_output(message, output)
    if kind == "rpc" and code is not None:
        return map_jsonrpc_error(code, said, data, **given)
    known = _BY_KIND.get(kind)
    if known is None:
        return CodexError(message, kind=kind, **given)
    return known(message, **given)
