"""The simple event model, as ``codex exec --json`` and the official TypeScript SDK have it.

``Thread.run_streamed`` gives these events, as dicts with a ``type``. They are folded from the full stream: no
deltas, one event when an item starts and one when it is final. Beyond the official model they have the turn's
id, the turn's own usage beside the thread's, and the kind of an error. Types and fields that this version does
not know are passed on as they are.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

__all__ = [
    "AgentMessageItem",
    "CollabAgentState",
    "CollabToolCallItem",
    "CommandExecutionItem",
    "ErrorItem",
    "FileChangeItem",
    "FileUpdateChange",
    "ItemCompletedEvent",
    "ItemStartedEvent",
    "ItemUpdatedEvent",
    "McpToolCallItem",
    "ReasoningItem",
    "ThreadError",
    "ThreadErrorEvent",
    "ThreadEvent",
    "ThreadItem",
    "ThreadStartedEvent",
    "TodoItem",
    "TodoListItem",
    "TurnCompletedEvent",
    "TurnFailedEvent",
    "TurnStartedEvent",
    "Usage",
    "WebSearchItem",
]


class AgentMessageItem(TypedDict):
    """What the agent says: text, or JSON if an output schema was given.

    Attributes:
        id: The item.
        type: What it is.
        text: The text.
    """

    id: str
    type: Literal["agent_message"]
    text: str


class ReasoningItem(TypedDict):
    """A summary of the agent's reasoning.

    Attributes:
        id: The item.
        type: What it is.
        text: The summary.
    """

    id: str
    type: Literal["reasoning"]
    text: str


class CommandExecutionItem(TypedDict):
    """A command that the agent ran; ``exit_code`` is ``None`` while it runs.

    Attributes:
        id: The item.
        type: What it is.
        command: The command line.
        aggregated_output: What it wrote to stdout and stderr so far.
        exit_code: Its exit code; ``None`` while it runs.
        status: How far it is.
    """

    id: str
    type: Literal["command_execution"]
    command: str
    aggregated_output: str
    exit_code: int | None
    status: Literal["in_progress", "completed", "failed", "declined"]


class FileUpdateChange(TypedDict):
    """A change of one file.

    Attributes:
        path: The file.
        kind: What was done to it.
    """

    path: str
    kind: Literal["add", "delete", "update"]


class FileChangeItem(TypedDict):
    """Files that the agent changed.

    Attributes:
        id: The item.
        type: What it is.
        changes: The files.
        status: How far it is.
    """

    id: str
    type: Literal["file_change"]
    changes: list[FileUpdateChange]
    status: Literal["in_progress", "completed", "failed", "declined"]


class McpToolCallItem(TypedDict):
    """A call to a tool of an MCP server; ``result`` and ``error`` are ``None`` while it runs.

    Attributes:
        id: The item.
        type: What it is.
        server: The server's name in the configuration.
        tool: The tool's name.
        arguments: What the model gave it.
        result: What the server answered; ``None`` while it runs, or if the call failed.
        error: Why the call failed; ``None`` otherwise.
        status: How far it is.
    """

    id: str
    type: Literal["mcp_tool_call"]
    server: str
    tool: str
    arguments: Any
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    status: Literal["in_progress", "completed", "failed"]


class CollabAgentState(TypedDict):
    """The state of a sub-agent.

    Attributes:
        status: What it does.
        message: What it said last, if anything.
    """

    status: str
    message: str | None


class CollabToolCallItem(TypedDict):
    """A call to a sub-agent tool.

    Attributes:
        id: The item.
        type: What it is.
        tool: What the agent does with others: spawn, send, wait, close.
        sender_thread_id: The thread that calls.
        receiver_thread_ids: The threads of the sub-agents.
        prompt: What they are told.
        agents_states: The sub-agents' states by thread.
        status: How far it is.
    """

    id: str
    type: Literal["collab_tool_call"]
    tool: str
    sender_thread_id: str
    receiver_thread_ids: list[str]
    prompt: str | None
    agents_states: dict[str, CollabAgentState]
    status: str


class WebSearchItem(TypedDict):
    """A web search. Its id is the engine's own.

    Attributes:
        id: The item.
        type: What it is.
        query: What was searched for.
        action: What was done: a search, or a page that was opened.
    """

    id: str
    type: Literal["web_search"]
    query: str
    action: dict[str, Any]


class TodoItem(TypedDict):
    """A step of the agent's to-do list.

    Attributes:
        text: What is to be done.
        completed: Whether it is done.
    """

    text: str
    completed: bool


class TodoListItem(TypedDict):
    """The agent's to-do list. It is final just before the turn ends.

    Attributes:
        id: The item.
        type: What it is.
        items: The steps.
    """

    id: str
    type: Literal["todo_list"]
    items: list[TodoItem]


class ErrorItem(TypedDict):
    """A warning, or an error that did not end the turn.

    Attributes:
        id: The item.
        type: What it is.
        message: What happened, in words.
    """

    id: str
    type: Literal["error"]
    message: str


ThreadItem = (
    AgentMessageItem
    | ReasoningItem
    | CommandExecutionItem
    | FileChangeItem
    | McpToolCallItem
    | CollabToolCallItem
    | WebSearchItem
    | TodoListItem
    | ErrorItem
)
"""An item of a thread; tell them apart by ``type``."""


class Usage(TypedDict):
    """Token counters.

    Attributes:
        input_tokens: Tokens sent to the model.
        cached_input_tokens: Those of them that came from the prompt cache.
        cache_write_input_tokens: Those of them that were written to the prompt cache.
        output_tokens: Tokens that the model produced.
        reasoning_output_tokens: Those of them that were reasoning.
    """

    input_tokens: int
    cached_input_tokens: int
    cache_write_input_tokens: int
    output_tokens: int
    reasoning_output_tokens: int


class ThreadError(TypedDict):
    """Why a turn failed: the engine's message, and its classification or ``None``.

    Attributes:
        message: What happened, in words.
        codex_error_info: The engine's classification, or ``None``.
    """

    message: str
    codex_error_info: Any


class ThreadStartedEvent(TypedDict):
    """The first event of every turn.

    Attributes:
        type: What it is.
        thread_id: The thread's id.
    """

    type: Literal["thread.started"]
    thread_id: str


class TurnStartedEvent(TypedDict):
    """The engine works on the input.

    Attributes:
        type: What it is.
        turn_id: The turn's id.
    """

    type: Literal["turn.started"]
    turn_id: str


class TurnCompletedEvent(TypedDict):
    """The turn ended well: what it used, and what the whole thread has used.

    Attributes:
        type: What it is.
        turn_id: The turn's id.
        usage: What this turn used.
        thread_usage: What the whole thread has used.
    """

    type: Literal["turn.completed"]
    turn_id: str
    usage: Usage
    thread_usage: Usage


class TurnFailedEvent(TypedDict):
    """The turn failed.

    Attributes:
        type: What it is.
        turn_id: The turn's id.
        error: Why.
    """

    type: Literal["turn.failed"]
    turn_id: str
    error: ThreadError


class ItemStartedEvent(TypedDict):
    """An item began.

    Attributes:
        type: What it is.
        item: The item.
    """

    type: Literal["item.started"]
    item: ThreadItem


class ItemUpdatedEvent(TypedDict):
    """An item changed.

    Attributes:
        type: What it is.
        item: The item.
    """

    type: Literal["item.updated"]
    item: ThreadItem


class ItemCompletedEvent(TypedDict):
    """An item is final.

    Attributes:
        type: What it is.
        item: The item.
    """

    type: Literal["item.completed"]
    item: ThreadItem


class ThreadErrorEvent(TypedDict):
    """The engine reports an error; it tries again by itself if ``will_retry``.

    Attributes:
        type: What it is.
        message: What happened, in words.
        will_retry: Whether the engine tries again by itself.
        codex_error_info: The engine's classification, or ``None``.
    """

    type: Literal["error"]
    message: str
    will_retry: bool
    codex_error_info: Any


ThreadEvent = (
    ThreadStartedEvent
    | TurnStartedEvent
    | TurnCompletedEvent
    | TurnFailedEvent
    | ItemStartedEvent
    | ItemUpdatedEvent
    | ItemCompletedEvent
    | ThreadErrorEvent
)
"""An event of ``run_streamed``; tell them apart by ``type``."""
