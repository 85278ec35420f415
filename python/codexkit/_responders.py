"""``on_approval``, ``on_question`` and ``on_elicitation`` as the core takes them: data, and one callable for all functions.

The core decides whom to ask and in which order, and holds the answers to what was asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import approvals
from ._approvals import hand_on
from ._check import refuse, seconds
from .approvals import Decision, Policy

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

    from ._native import Ask


class Chain:
    """Who is asked, in their order."""

    def __init__(
        self, on_approval: Any, on_question: Any, on_elicitation: Any, timeout: Any = None
    ) -> None:
        """Look at what was given.

        Args:
            on_approval: A policy, a function, or a list of both.
            on_question: A function.
            on_elicitation: A function.
            timeout: Seconds that functions may take.

        Raises:
            InvalidArgumentError: For what is none of these.
        """
        self._links: list[dict[str, Any]] = []
        self._functions: list[Callable[[Any], Any]] = []
        self._timeout = seconds("approval_timeout", timeout)
        several = isinstance(on_approval, (list, tuple))
        for one in on_approval if several else (on_approval,):
            self._add("on_approval", "approval", one)
        self._add("on_question", "question", on_question)
        self._add("on_elicitation", "elicitation", on_elicitation)

    def _add(self, argument: str, subject: str, one: Any) -> None:
        if one is None:
            return
        if isinstance(one, Policy):
            if subject != "approval":
                refuse(argument, "expected a function; policies decide about approvals alone")
            self._links.append(one._json)
        elif callable(one) and not isinstance(one, type):
            self._links.append({"type": "callback", "on": subject, "index": len(self._functions)})
            self._functions.append(one)
        else:
            also = ", a policy or a list of both" if subject == "approval" else ""
            refuse(argument, f"expected a function of the request{also}, not {one!r}")

    def bound(self, event_loop: AbstractEventLoop | None) -> tuple[str, Any]:
        """What the native client takes.

        Args:
            event_loop: Where coroutines run; without one each gets a loop of its own.

        Returns:
            The order as JSON, and what is called with each question.
        """
        from ._native import dumps

        caller = _Caller(self._functions, event_loop) if self._functions else None
        return dumps({"links": self._links, "timeout_s": self._timeout}), caller


class _Caller:
    """Calls the function that is meant, plain or ``async``, and gives its answer."""

    def __init__(
        self, functions: list[Callable[[Any], Any]], event_loop: AbstractEventLoop | None
    ) -> None:
        self._functions = functions
        self._event_loop = event_loop

    def __call__(self, ask: Ask) -> None:
        hand_on(
            lambda: self._functions[ask.index](request_of(ask.view())),
            lambda answer: ask.answer(reply(answer)),
            lambda error: _give_up(ask, error),
            self._event_loop,
            ask.on_cancelled,
        )


def _give_up(ask: Ask, error: BaseException) -> None:
    ask.fail(f"the handler failed with {type(error).__name__}: {error}")


def reply(answer: Any) -> Any:
    """A handler's answer as the core reads it.

    Args:
        answer: A decision, its word, answers by question, the values of a form, or ``None``.

    Returns:
        The same as JSON's objects.

    Raises:
        TypeError: For what is none of these.
    """
    if answer is None:
        return None
    if isinstance(answer, str):
        return {"decision": answer}
    if isinstance(answer, Decision):
        fields = {
            "decision": answer.decision,
            "rule": None if answer.rule is None else list(answer.rule),
            "reason": answer.reason,
            "timeout_s": answer.timeout,
        }
        return {name: value for name, value in fields.items() if value is not None}
    if hasattr(answer, "keys"):
        return {"values": dict(answer)}
    raise TypeError(f"a handler returns a decision, answers or None, not {type(answer).__name__}")


def request_of(view: dict[str, Any]) -> Any:
    """The typed request of a view.

    Args:
        view: What the core shows.

    Returns:
        An ``ApprovalRequest``, a ``QuestionRequest`` or an ``ElicitationRequest``.
    """
    subject = view.pop("subject")
    fields = {snake(name): value for name, value in view.items()}
    if subject == "question":
        fields["questions"] = tuple(_question(one) for one in fields["questions"])
        return approvals.QuestionRequest(**fields)
    if subject == "elicitation":
        return approvals.ElicitationRequest(**fields)
    fields["changes"] = tuple(approvals.ProposedChange(**change) for change in fields["changes"])
    for name in ("proposed_rule", "available_decisions"):
        fields[name] = fields[name] and tuple(fields[name])
    return approvals.ApprovalRequest(**fields)


def snake(name: str) -> str:
    """``turnId`` as ``turn_id``."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def _question(fields: dict[str, Any]) -> approvals.Question:
    options = tuple(approvals.QuestionOption(**option) for option in fields.pop("options"))
    named = {snake(name): value for name, value in fields.items()}
    return approvals.Question(**named, options=options)
