"""Asks a person in the terminal. Shows on standard error, reads from standard input, decides nothing by itself."""

from __future__ import annotations

import sys
from threading import Lock
from typing import Any

from .approvals import ApprovalRequest, Decision, ElicitationRequest, Question, QuestionRequest

# One question at a time: two prompts at once could not be told apart.
_ONE = Lock()

_KEYS = {
    "accept": ("y", "yes, this once"),
    "acceptForSession": ("s", "yes, and the same until the session ends"),
    "acceptWithRule": ("r", "yes, and by the rule from now on"),
    "decline": ("n", "no"),
    "cancel": ("c", "no, and stop the turn"),
}


def ask(request: Any) -> Any:
    """Ask a person.

    Args:
        request: An approval, questions or an elicitation.

    Returns:
        The decision or the answers; ``None`` without a terminal. The end of the input declines.
    """
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        return None
    with _ONE:
        try:
            if isinstance(request, ApprovalRequest):
                return _approval(request)
            if isinstance(request, QuestionRequest):
                return {one.id: _question(one) for one in request.questions}
            if isinstance(request, ElicitationRequest):
                return _elicitation(request)
        except EOFError:
            return Decision.decline()
    return None


def _say(text: str = "") -> None:
    print(visible(text), file=sys.stderr, flush=True)


def visible(text: str) -> str:
    """A text without what a terminal would obey: the agent wrote it, and must not draw over the prompt.

    Args:
        text: Any text.

    Returns:
        The same with control characters as escapes, but for newlines and tabs.
    """
    return "".join(
        char if char in "\n\t" or char.isprintable() else char.encode("unicode_escape").decode()
        for char in text
    )


def _read(prompt: str) -> str:
    print(visible(prompt), end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()


def _approval(request: ApprovalRequest) -> Decision:
    _say(f"\nThe agent asks for approval: {request.kind.replace('_', ' ')}")
    for name in (
        "script",
        "cwd",
        "server",
        "tool",
        "arguments",
        "permissions",
        "network",
        "reason",
    ):
        value = getattr(request, name)
        if value is not None:
            _say(f"  {'command' if name == 'script' else name}: {value}")
    for change in request.changes:
        moved = f" -> {change.move_path}" if change.move_path else ""
        _say(f"  {change.kind} {change.path}{moved}")
        for line in change.diff.splitlines():
            _say(f"    {line}")
    offered = {_KEYS[word][0]: word for word in request.available_decisions if word in _KEYS}
    for key, word in offered.items():
        rule = (
            f": {' '.join(request.proposed_rule)}"
            if word == "acceptWithRule" and request.proposed_rule
            else ""
        )
        _say(f"  [{key}] {_KEYS[word][1]}{rule}")
    while True:
        word = offered.get(_read(f"{'/'.join(offered)}? ").lower())
        if word == "decline":
            return Decision.decline(_read("Why (the agent reads it; empty for nothing)? ") or None)
        if word is not None:
            return Decision(word)


def _question(question: Question) -> str:
    _say(
        f"\n{question.header}: {question.question}" if question.header else f"\n{question.question}"
    )
    for number, option in enumerate(question.options, 1):
        _say(f"  [{number}] {option.label}  {option.description}")
    free = question.is_other or not question.options
    while True:
        if question.is_secret and not question.options:
            from getpass import getpass

            answer = getpass("(not shown) ", stream=sys.stderr)
        else:
            answer = _read("Number or text? " if free else "Number? ")
        if answer.isdecimal() and 1 <= int(answer) <= len(question.options):
            return question.options[int(answer) - 1].label
        if answer and free:
            return answer


def _elicitation(request: ElicitationRequest) -> Any:
    _say(f"\nThe MCP server {request.server} asks: {request.message}")
    if request.url:
        _say(f"  Open: {request.url}")
    if _read("Answer it (y/n)? ").lower() != "y":
        return Decision.decline()
    schema = request.schema or {}
    fields, required = schema.get("properties", {}), schema.get("required", [])
    values: dict[str, Any] = {}
    for name, field in fields.items():
        value = _value(name, field, name in required)
        if value is not None:
            values[name] = value
    return values


def _value(name: str, field: dict[str, Any], needed: bool) -> Any:
    kind, words = field.get("type", "string"), field.get("enum")
    about = field.get("description") or field.get("title") or ""
    choices = f" ({', '.join(map(str, words))})" if words else f" ({kind})"
    while True:
        text = _read(f"{name}{choices}{' ' + about if about else ''}: ")
        if not text and not needed:
            return field.get("default")
        try:
            value = {"integer": int, "number": float, "boolean": _flag}.get(kind, str)(text)
        except ValueError:
            continue
        if text and (not words or value in words):
            return value


def _flag(text: str) -> bool:
    if text.lower() not in {"y", "yes", "true", "n", "no", "false"}:
        raise ValueError(text)
    return text.lower() in {"y", "yes", "true"}
