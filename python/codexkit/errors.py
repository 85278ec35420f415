"""The exceptions of codexkit, under one root: :class:`CodexError`.

An exception says what happened, what to do about it, and carries the facts as attributes. The tree
has every class of the official SDK at its place in the hierarchy, and more leaves. What an error is,
the core decides; here are the classes.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._result import TurnResult

__all__ = [
    "ApprovalDeniedError",
    "AuthenticationError",
    "CodexError",
    "CodexRpcError",
    "CodexTimeoutError",
    "ContextWindowError",
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
    "OverloadedError",
    "ParseError",
    "ProtocolError",
    "RateLimitedError",
    "RetryLimitExceededError",
    "ServerBusyError",
    "SpawnError",
    "TransportClosedError",
    "TurnFailedError",
    "TurnOverloadedError",
    "UsageLimitError",
    "is_retryable_error",
    "map_jsonrpc_error",
]


class CodexError(Exception):
    """Base of every exception of this package. Its ``str()`` says what happened and what to do about it.

    Where it is the consequence of another error, that is its ``__cause__``.

    Attributes:
        message: What happened.
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
    _text: str | None = None
    _repeatable: bool | None = None

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

    def __str__(self) -> str:
        """What happened and what to do about it."""
        # An error that an application makes itself says what it was given, as with the official SDK.
        return super().__str__() if self._text is None else self._text

    @property
    def hint(self) -> str:
        """What can be done about an error of this kind, in general."""
        from ._native import describe_error

        return describe_error(self.kind, "")[1]


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


class OverloadedError(CodexError):
    """The server is overloaded; the same may succeed after a pause.

    A call that met it is a :class:`ServerBusyError`, a turn that failed for it a :class:`TurnOverloadedError`.
    """

    kind = "overloaded"
    retry_after: float | None = None
    """How many seconds the server asks to wait, if it does."""


class TurnFailedError(CodexError, RuntimeError):
    """The engine ended the turn with status ``failed``. What a caller acts on otherwise has a class below it.

    Attributes:
        result: The folded result: the items and the usage up to the failure, and the error.
        codex_error_info: The engine's classification of the error, or ``None``.
        http_status: The status of the server's answer, if the engine tells it.
        resets_at: When the limit that was hit is reset, in seconds since the Unix epoch, if it is known.
        retry_after: How many seconds the server asks to wait, if it does.
        thread_id: The thread that the turn ran on.
        turn_id: The turn.
    """

    kind = "turn_failed"
    http_status: int | None = None
    resets_at: int | None = None
    retry_after: float | None = None

    def __init__(self, message: str, result: TurnResult, **facts: Any) -> None:
        """Make the error of a turn with this result.

        Args:
            message: Why it failed.
            result: What it came to.
            facts: Any of the other attributes.
        """
        super().__init__(message, **facts)
        self.result = result
        self.codex_error_info = None if result.error is None else result.error.codex_error_info
        self.thread_id = result.thread_id
        self.turn_id = result.id


class TurnOverloadedError(TurnFailedError, OverloadedError):
    """The turn failed because the server is overloaded; it may succeed after a pause."""

    kind = "overloaded"


class RateLimitedError(TurnFailedError):
    """Too much was sent in too short a time.

    ``resets_at`` and ``retry_after`` say how long to wait, if it is known.
    """

    kind = "rate_limited"


class UsageLimitError(TurnFailedError):
    """The account's or the session's allowance is used up; ``resets_at`` says until when, if it is known."""

    kind = "usage_limit"


class ContextWindowError(TurnFailedError):
    """The thread is too long for the model."""

    kind = "context_window"


class AuthenticationError(TurnFailedError):
    """The server does not accept the key or the login."""

    kind = "authentication"


class ApprovalDeniedError(TurnFailedError):
    """The turn was ended because what it asked for was not approved.

    A handler or a policy said ``cancel``, or the automatic review has denied too often. A ``decline`` is no error: the
    turn goes on.
    """

    kind = "approval_denied"


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
        data: The error's data, as the engine sent it but without secrets.
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


class ServerBusyError(CodexRpcError, OverloadedError):
    """The server is overloaded; repeat the call after a pause."""

    kind = "overloaded"


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

_OF_TURNS: dict[str, type[TurnFailedError]] = {
    error.kind: error
    for error in (
        TurnFailedError,
        TurnOverloadedError,
        RateLimitedError,
        UsageLimitError,
        ContextWindowError,
        AuthenticationError,
        ApprovalDeniedError,
    )
}

# Facts of the core's that go into an exception, and what they are called there.
_FACTS = {
    "kind": "kind",
    "text": "_text",
    "retryable": "retryable",
    "repeatable": "_repeatable",
    "argument": "argument",
    "method": "method",
    "exitCode": "exit_code",
    "signal": "signal",
    "stderrTail": "stderr_tail",
    "skipped": "skipped",
    "neededVersion": "needed_version",
    "httpStatus": "http_status",
    "resetsAt": "resets_at",
    "retryAfter": "retry_after",
}


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
    from ._native import answer_error

    read = answer_error(code, message, data)
    facts = {"retryable": read["retryable"], "_repeatable": read["repeatable"], **facts}
    return _rpc_class(code, read)(code, message, data, **facts)


def _rpc_class(code: int, facts: dict[str, Any]) -> type[JsonRpcError]:
    if facts["kind"] == "overloaded":
        return RetryLimitExceededError if facts.get("exhausted") else ServerBusyError
    of_server = CodexRpcError if -32099 <= code <= -32000 else JsonRpcError
    return _BY_CODE.get(code, of_server)


def is_retryable_error(exc: BaseException) -> bool:
    """Whether an exception says that the same call may simply be repeated after a pause.

    A deadline that passed does not say so: what was asked for may have been done.

    Args:
        exc: Any exception.

    Returns:
        ``True`` for :class:`OverloadedError`, for :class:`RateLimitedError`, for JSON-RPC errors whose data says
        overloaded, and for a turn that failed for a reason that passes.
    """
    if isinstance(exc, OverloadedError):
        return True
    if isinstance(exc, CodexError) and exc._repeatable is not None:
        return exc._repeatable
    if not isinstance(exc, JsonRpcError):
        return False
    from ._native import answer_error

    return answer_error(exc.code, exc.message, exc.data)["repeatable"]


def _invalid_output(facts: dict[str, Any], given: dict[str, Any]) -> InvalidOutputError:
    from ._result import turn_result

    output = facts["output"]
    outcome = output["result"]
    result = None
    if outcome is not None:
        result = turn_result(outcome["turn"])
        result.attempts = [turn_result(turn) for turn in outcome["attempts"]]
    return InvalidOutputError(
        facts["message"],
        path=output["path"],
        rule=output["rule"],
        schema_path=output["schemaPath"],
        raw_text=output["rawText"],
        attempts=output["attempts"],
        result=result,
        **given,
    )


def _from_native(facts: dict[str, Any], result: TurnResult | None = None) -> CodexError:
    """Builds the exception for an error of the core in its JSON form; called by the native module.

    Args:
        facts: The error's facts.
        result: What the turn came to that it is about.

    Returns:
        The exception, with its cause.
    """
    error = _plain(facts, result)
    cause = facts.get("cause")
    if cause is not None:
        error.__cause__ = _cause(cause)
    return error


def _cause(facts: dict[str, Any]) -> Exception:
    if facts["kind"] != "os":
        return _from_native(facts)
    number = facts.get("errno")
    if number is None:
        return OSError(facts["message"])
    from os import strerror

    return OSError(number, strerror(number))


def _plain(facts: dict[str, Any], result: TurnResult | None) -> CodexError:
    given = {ours: facts[name] for name, ours in _FACTS.items() if facts.get(name) is not None}
    kind, message, code = facts["kind"], facts["message"], facts.get("code")
    if facts.get("output") is not None:
        return _invalid_output(facts, given)
    if code is not None:
        return _rpc_class(code, facts)(code, facts["rpcMessage"], facts.get("data"), **given)
    if result is not None:
        return _OF_TURNS.get(kind, TurnFailedError)(message, result, **given)
    return _BY_KIND.get(kind, CodexError)(message, **given)
