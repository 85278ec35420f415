"""Sub-agents that the engine spawned."""

from __future__ import annotations

from ._record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Agent(Record):
    """A sub-agent that the engine spawned: a thread of its own.

    Attributes:
        thread_id: Its thread.
        parent_thread_id: The thread whose agent spawned it.
        root_thread_id: The thread at the top, which nobody spawned.
        depth: How many links it is below that.
        nickname: What the engine calls it.
        role: Its role, if it was given one.
        path: Where it is in the engine's tree of agents, in engines that have one.
        prompt: What it was told.
        status: The engine's word: ``pendingInit``, ``running``, ``interrupted``, ``completed``, ``errored``,
            ``shutdown`` or ``notFound``.
    """

    __slots__ = (
        "depth",
        "nickname",
        "parent_thread_id",
        "path",
        "prompt",
        "role",
        "root_thread_id",
        "status",
        "thread_id",
    )

    def __init__(
        self,
        thread_id: str,
        parent_thread_id: str,
        root_thread_id: str,
        depth: int,
        nickname: str | None,
        role: str | None,
        path: str | None,
        prompt: str | None,
        status: str,
    ) -> None:
        """Make one; applications get theirs. Arguments are the attributes."""
        self.thread_id = thread_id
        self.parent_thread_id = parent_thread_id
        self.root_thread_id = root_thread_id
        self.depth = depth
        self.nickname = nickname
        self.role = role
        self.path = path
        self.prompt = prompt
        self.status = status


def agent(fields: dict[str, Any]) -> Agent:
    """An agent from the core's JSON form.

    Args:
        fields: The form.

    Returns:
        The agent.
    """
    return Agent(
        fields["threadId"],
        fields["parentThreadId"],
        fields["rootThreadId"],
        fields["depth"],
        fields["nickname"],
        fields["role"],
        fields["path"],
        fields["prompt"],
        fields["status"],
    )
