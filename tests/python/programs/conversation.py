"""A conversation: turns, their results, and what is stored."""

from openai_codex import Codex, ExternalMessage, Sandbox, TextInput
from openai_codex.types import ReasoningEffort, ReasoningSummary, ThreadSortKey, TurnStatus
from setup import config

with Codex(config()) as codex:
    print(bool(codex.metadata.serverInfo.version), bool(codex.metadata.userAgent))
    thread = codex.thread_start(
        sandbox=Sandbox.read_only, model="gpt-test", config={"model_reasoning_effort": "low"}
    )
    first = thread.run(
        "Say hello.",
        effort=ReasoningEffort.high,
        summary=ReasoningSummary.model_validate("concise"),
    )
    print(first.status, first.status is TurnStatus.completed, first.status.value, first.error)
    print(first.final_response, first.usage.last.input_tokens, first.usage.total.total_tokens)
    for item in first.items:
        print(item.root.type, type(item.root).__name__, getattr(item.root, "text", None))
    second = thread.turn([TextInput("One"), TextInput("two.")]).run()
    print(second.final_response, second.id != first.id, len(second.items))
    third = thread.run(ExternalMessage("inbox", "A message from a tool."), source="cron")
    print(third.status.value, third.final_response)
    thread.set_name("a name")
    stored = thread.read(include_turns=True).thread
    print(stored.name, len(stored.turns), [turn.status.value for turn in stored.turns])
    print([item.root.type for item in stored.turns[0].items])
    fork = codex.thread_fork(thread.id, sandbox=Sandbox.full_access)
    print(fork.id != thread.id, fork.run("In the fork.").final_response)
    page = codex.thread_list(limit=5, sort_key=ThreadSortKey.created_at)
    print({thread.id, fork.id} == {entry.id for entry in page.data}, page.next_cursor)
    codex.thread_archive(fork.id)
    print([entry.id == thread.id for entry in codex.thread_list().data])
    again = codex.thread_resume(codex.thread_unarchive(fork.id).id)
    print(again.id == fork.id)
    print(sorted(codex.models().model_dump(by_alias=True)), codex.account().account)
