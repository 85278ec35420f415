"""What a type checker must understand of the public API. Checked by pyright, never run."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing_extensions import assert_type

from codexkit import AsyncCodex, AsyncThread, Codex, Event, Thread, TurnResult, types


def sync() -> None:
    with Codex() as codex:
        assert_type(codex, Codex)
        thread = codex.thread_start(cwd=".")
        assert_type(thread, Thread)
        assert_type(thread.id, str)
        result = thread.run("hello")
        assert_type(result, TurnResult)
        assert_type(result.final_response, str | None)
        for event in thread.turn("hello").stream():
            assert_type(event, Event)
            if isinstance(event.payload, types.AgentMessageDeltaNotification):
                assert_type(event.payload.delta, str)


async def asynchronous() -> None:
    async with AsyncCodex() as codex:
        thread = await codex.thread_start(cwd=".")
        assert_type(thread, AsyncThread)
        assert_type(await thread.run("hello"), TurnResult)
        turn = await thread.turn("hello")
        async for event in turn.stream():
            assert_type(event, Event)


def wrong(codex: Codex) -> None:
    codex.thread_start(no_such_option=1)  # pyright: ignore[reportCallIssue]
    codex.thread_start().run(17)  # pyright: ignore[reportArgumentType]
