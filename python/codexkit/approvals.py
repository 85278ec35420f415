"""Approvals and questions: what the engine asks of a person, typed, and who answers it.

Give ``on_approval`` to a client, a thread or a turn: a policy of this module, a function of an
:class:`ApprovalRequest`, or a list of both, asked in its order until one decides::

    from codexkit import Codex
    from codexkit.approvals import Decision, commands, edits_inside, read_only_commands

    def ask_me(request):
        return Decision.accept() if input(f"{request.command}? ") == "y" else Decision.decline()

    with Codex(on_approval=[read_only_commands(), commands("npm test"), ask_me]) as codex:
        ...

Those of the turn are asked first, then those of the thread, then those of the client. Where nobody decides, the
answer is no.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from ._check import refuse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from os import PathLike
    from typing import TypeAlias

__all__ = [
    "ApprovalRequest",
    "Decision",
    "ElicitationRequest",
    "Policy",
    "ProposedChange",
    "Question",
    "QuestionOption",
    "QuestionRequest",
    "ask_terminal",
    "commands",
    "dangerously_accept_all",
    "deny_all",
    "edits_inside",
    "mcp_tools",
    "read_only_commands",
]


@dataclass(frozen=True)
class ProposedChange:
    """A change of one file that waits for approval.

    Attributes:
        path: The file.
        kind: ``add``, ``delete`` or ``update``.
        diff: The unified diff, or the content of an added or deleted file.
        move_path: Where an update moves the file to.
    """

    path: str
    kind: str
    diff: str
    move_path: str | None = None


@dataclass(frozen=True)
class ApprovalRequest:
    """An approval that the engine asks for. What it did not give, or makes no sense for the kind, is ``None``.

    Attributes:
        id: Names the request, also when the engine asks again over another connection.
        kind: ``command``, ``file_change``, ``permissions`` or ``mcp_tool``.
        method: The protocol method, as ``item/commandExecution/requestApproval``.
        thread_id: The thread.
        turn_id: The turn.
        item_id: The item that waits.
        reason: Why the agent wants it, in its words.
        command: The command as it would run, with the shell that runs it.
        script: The line within, if a shell runs one: ``git status`` of ``/bin/bash -lc 'git status'``.
        cwd: Where it would run.
        changes: What files would become.
        grant_root: A folder that the agent wants to write to from now on.
        permissions: The permissions asked for, as on the wire.
        network: The host and protocol, if it is about the network, as on the wire.
        server: The MCP server.
        tool: Its tool.
        arguments: The tool's arguments.
        proposed_rule: The rule that :meth:`Decision.accept_with_rule` would remember: the beginning of the command.
        available_decisions: What can be decided, by the words of :attr:`Decision.decision`.
        params: The request's params as they came.
    """

    id: str
    kind: Literal["command", "file_change", "permissions", "mcp_tool"]
    method: str
    thread_id: str | None = None
    turn_id: str | None = None
    item_id: str | None = None
    reason: str | None = None
    command: str | None = None
    script: str | None = None
    cwd: str | None = None
    changes: tuple[ProposedChange, ...] = ()
    grant_root: str | None = None
    permissions: dict[str, Any] | None = None
    network: dict[str, Any] | None = None
    server: str | None = None
    tool: str | None = None
    arguments: Any = None
    proposed_rule: tuple[str, ...] | None = None
    available_decisions: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class QuestionOption:
    """An answer that can be chosen.

    Attributes:
        label: The answer.
        description: What it means.
    """

    label: str
    description: str = ""


@dataclass(frozen=True)
class Question:
    """One question of the agent.

    Attributes:
        id: By which its answer is named.
        header: A word or two for its head.
        question: The question.
        options: What can be chosen; empty for a free answer.
        is_other: Whether an answer that is no option is taken, too.
        is_secret: Whether the answer is not to be shown.
    """

    id: str
    header: str
    question: str
    options: tuple[QuestionOption, ...] = ()
    is_other: bool = False
    is_secret: bool = False


@dataclass(frozen=True)
class QuestionRequest:
    """Questions that the agent asks (``item/tool/requestUserInput``).

    Attributes:
        id: Names the request.
        thread_id: The thread.
        turn_id: The turn.
        item_id: The item that waits.
        questions: What is asked; each wants an answer.
        params: The request's params as they came.
    """

    id: str
    thread_id: str | None = None
    turn_id: str | None = None
    item_id: str | None = None
    questions: tuple[Question, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ElicitationRequest:
    """What an MCP server asks of the user (``mcpServer/elicitation/request``).

    Attributes:
        id: Names the request.
        server: The MCP server.
        mode: ``form`` for values, ``url`` for a page to visit, or another word.
        message: What it says.
        thread_id: The thread.
        turn_id: The turn, if the engine knows which.
        schema: The JSON Schema of the values of a form.
        url: The page to visit.
        params: The request's params as they came.
    """

    id: str
    server: str
    mode: str
    message: str
    thread_id: str | None = None
    turn_id: str | None = None
    schema: dict[str, Any] | None = None
    url: str | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """A decision about an approval; made by its class methods.

    A handler may also return the words ``"accept"``, ``"acceptForSession"``, ``"acceptWithRule"``, ``"decline"`` and
    ``"cancel"``, or ``None`` for no opinion.

    Attributes:
        decision: The word for it.
        rule: Of ``acceptWithRule``: the rule instead of the proposed one.
        reason: Of ``decline``: what the agent is told.
        timeout: Of ``later``: the seconds after which it is declined.
    """

    decision: str
    rule: tuple[str, ...] | None = None
    reason: str | None = None
    timeout: float | None = None

    @classmethod
    def accept(cls) -> Decision:
        """Yes, this once.

        Returns:
            The decision.
        """
        return cls("accept")

    @classmethod
    def accept_for_session(cls) -> Decision:
        """Yes, and the same without asking until the session ends.

        Returns:
            The decision.
        """
        return cls("acceptForSession")

    @classmethod
    def accept_with_rule(cls, rule: Sequence[str] | None = None) -> Decision:
        """Yes, and by a rule from now on: commands that begin so, or the MCP server's tool for good.

        Args:
            rule: The words that commands may begin with; ``None`` takes the proposed rule.

        Returns:
            The decision.

        Raises:
            InvalidArgumentError: If the rule is one string.
        """
        if isinstance(rule, str):
            refuse("rule", "expected a list of words, as ['git', 'add'], not one string")
        return cls("acceptWithRule", rule=None if rule is None else tuple(rule))

    @classmethod
    def decline(cls, reason: str | None = None) -> Decision:
        """No; the turn goes on.

        Args:
            reason: What the agent is told. The protocol's decline has no place for it, so it is added to the turn as a
                message of the user's (``turn/steer``).

        Returns:
            The decision.
        """
        return cls("decline", reason=reason)

    @classmethod
    def cancel(cls) -> Decision:
        """No, and the turn is interrupted.

        Returns:
            The decision.
        """
        return cls("cancel")

    @classmethod
    def later(cls, timeout: float | None = None) -> Decision:
        """The decision comes later, by ``answer_approval`` of the client, from whatever task or thread.

        Args:
            timeout: Seconds after which it is declined; ``None`` waits as long as the turn and the client live.

        Returns:
            The decision to put it off.
        """
        return cls("later", timeout=timeout)


class Policy:
    """A ready-made answer to approvals. It decides in the core, the same in every language."""

    __slots__ = ("_json",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        """Make a policy; the functions of this module do.

        Args:
            fields: What it is.

        Raises:
            InvalidArgumentError: If it cannot be.
        """
        from ._native import check_responders, dumps

        self._json: Final = dict(fields)
        check_responders(dumps({"links": [self._json]}))

    def __repr__(self) -> str:  # noqa: D105
        return f"Policy({self._json!r})"

    def __eq__(self, other: object) -> bool:  # noqa: D105
        return self._json == other._json if isinstance(other, Policy) else NotImplemented

    def __hash__(self) -> int:  # noqa: D105
        return hash(repr(self))


def deny_all(reason: str | None = None) -> Policy:
    """Decline everything, which is also what happens where nobody decides.

    Args:
        reason: What the agent is told.

    Returns:
        The policy.
    """
    return Policy({"type": "deny_all", "reason": reason})


def read_only_commands() -> Policy:
    """Accept commands that are known to read and nothing else (``ls``, ``cat``, ``grep``, ``git status``, ...).

    Alone, or joined by pipes, ``&&``, ``||`` and ``;``. A line with anything that a shell would expand, substitute or
    redirect is none. They run outside the sandbox, so that they can read whatever the user can.

    Returns:
        The policy.
    """
    return Policy({"type": "read_only_commands"})


def commands(*prefixes: str, patterns: Sequence[str] = (), deny: bool = False) -> Policy:
    """Accept commands by their beginning, or by a regular expression for the whole line.

    Args:
        prefixes: Beginnings, word for word: ``"git add"`` accepts ``git add .`` and not ``git addx``. Every command of
            a line must begin so, and the line must hold nothing that a shell would interpret.
        patterns: Regular expressions (of Rust's ``regex-lite``), each for the whole line as it is: one that lets ``;`` or
            ``$`` through lets everything through.
        deny: Decline what matches instead; then one command of a line is enough. Put it before those that accept.

    Returns:
        The policy.

    Raises:
        InvalidArgumentError: If there is nothing to match, a prefix is no plain words, or an expression is none.
    """
    if isinstance(patterns, str):
        refuse("patterns", "expected a list of regular expressions, not one string")
    fields = {"type": "commands", "prefixes": list(prefixes), "patterns": list(patterns)}
    return Policy({**fields, "deny": deny})


def edits_inside(*folders: str | PathLike[str]) -> Policy:
    """Accept changes of files all of which are inside one of the folders, symbolic links followed.

    Args:
        folders: The folders; relative ones are taken from the current directory.

    Returns:
        The policy.

    Raises:
        InvalidArgumentError: If there is none, or one does not exist.
    """
    from os.path import abspath

    return Policy({"type": "edits_inside", "folders": [abspath(folder) for folder in folders]})


def mcp_tools(*names: str, deny: bool = False) -> Policy:
    """Accept calls of MCP tools: all of a server (``"docs"``), or one (``"docs/search"``).

    Args:
        names: The servers and tools.
        deny: Decline what matches instead.

    Returns:
        The policy.

    Raises:
        InvalidArgumentError: If there is no name, or one is empty.
    """
    return Policy({"type": "mcp_tools", "names": list(names), "deny": deny})


def dangerously_accept_all() -> Policy:
    """Accept everything that the agent asks for, outside the sandbox and without anybody looking.

    Returns:
        The policy.
    """
    return Policy({"type": "accept_all"})


def ask_terminal(request: Any) -> Any:
    """Ask a person in the terminal: for ``on_approval``, ``on_question`` and ``on_elicitation``.

    It shows what is asked on standard error and reads the answer from standard input. Where that is no terminal it has no
    opinion, so that the request is declined unless somebody else decides.

    Args:
        request: What is asked.

    Returns:
        What the person decided or said; ``None`` without a terminal.
    """
    from ._terminal import ask

    return ask(request)


if TYPE_CHECKING:
    Decided: TypeAlias = Decision | str | None
    Approver: TypeAlias = Policy | Callable[[ApprovalRequest], Decided | Awaitable[Decided]]
    OnApproval: TypeAlias = Approver | Sequence[Approver]
    Answered: TypeAlias = Mapping[str, str | Sequence[str]] | Decision | None
    OnQuestion: TypeAlias = Callable[[QuestionRequest], Answered | Awaitable[Answered]]
    Elicited: TypeAlias = Mapping[str, Any] | Decision | None
    OnElicitation: TypeAlias = Callable[[ElicitationRequest], Elicited | Awaitable[Elicited]]
