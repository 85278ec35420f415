"""Maps: many prompts, each on a thread of its own, on the real engine."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codexkit import (
    Codex,
    CodexTimeoutError,
    InvalidArgumentError,
    MapItem,
    MapProgress,
    MapResult,
    Sandbox,
    TransportClosedError,
    TurnFailedError,
)
from codexkit.approvals import Decision
from conftest import command

ECHO = {
    "rules": [
        {
            "when": {"prompt_contains": "fail"},
            "repeat": "last",
            "replies": [{"status": 400, "body": {"error": {"message": "no"}}}],
        },
        {"when": {"prompt_contains": "hang"}, "repeat": "last", "replies": [{"hang": True}]},
        {
            "when": {"prompt_contains": "list"},
            "replies": [{"items": [command("ls")]}, "listed"],
        },
    ],
    "replies": ["done"],
    "repeat": "last",
}


def eventually(condition: Callable[[], bool]) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def statuses(results: list[MapResult]) -> list[tuple[int, str]]:
    return [(result.index, result.status) for result in results]


def test_results_come_as_they_complete(codex: Any) -> None:
    client = codex(ECHO)
    with client.map(["one", MapItem("please fail", id="b"), "three"], concurrency=2) as results:
        given = list(results)
        assert results.progress == MapProgress(2, 1, 0, 3)
    given.sort(key=lambda result: result.index)
    assert statuses(given) == [(0, "ok"), (1, "failed"), (2, "ok")]
    assert given[0].final_response == "done"
    assert given[0].result is not None
    assert given[0].result.thread_id == given[0].thread_id
    assert len({result.thread_id for result in given}) == 3
    assert given[1].id == "b"
    assert isinstance(given[1].error, TurnFailedError)
    assert given[0].error is None
    assert client.map([]).collect() == []


def test_items_are_folders_and_errors_are_theirs(codex: Any, project: Path, home: Path) -> None:
    client = codex(ECHO)
    (project / "only-here.txt").write_text("x")
    items = [MapItem("list it", cwd=project), MapItem("list it", cwd=home / "nowhere")]
    results = client.map(items, thread={"sandbox": Sandbox.full_access}).collect()
    assert statuses(results) == [(0, "ok"), (1, "failed")]
    assert "only-here.txt" in str(results[0].result)
    assert isinstance(results[1].error, InvalidArgumentError)
    assert results[1].error.argument == "cwd"
    assert results[1].result is None


def test_items_are_taken_when_there_is_room(codex: Any) -> None:
    client = codex(ECHO)
    taken = 0

    def many() -> Iterator[str]:
        nonlocal taken
        for number in range(100_000):
            taken += 1
            yield f"number {number}"

    results = client.map(many(), concurrency=2)
    assert taken == 0
    for _ in range(5):
        assert next(results).progress.total is None
    assert taken <= 5 + 2 + 2
    results.close()
    assert list(results) == []


def test_leaving_interrupts_what_runs(codex: Any) -> None:
    client = codex(ECHO)
    with client.map(["one", "hang", "hang"]) as results:
        assert next(results).index == 0
    eventually(lambda: client.stats()["open_turns"] == 0)
    assert list(results) == []


def test_the_first_error_may_end_it(codex: Any) -> None:
    client = codex(ECHO)
    results = client.map(["hang", "fail", "more"], stop_on_error=True, concurrency=2).collect()
    assert statuses(results) == [(1, "failed")]


def test_an_item_may_take_so_long(codex: Any) -> None:
    client = codex(ECHO)
    results = client.map(["hang", "fine"], item_timeout=1.5).collect()
    assert isinstance(results[0].error, CodexTimeoutError)
    assert results[1].status == "ok"


def test_a_journal_has_what_succeeded(codex: Any, home: Path) -> None:
    client = codex(ECHO)
    journal = home / "journal.jsonl"
    first = client.map(["one", "fail", "three"], journal=journal)
    next(first)
    with pytest.raises(InvalidArgumentError, match="in use by another map") as raised:
        client.map(["one", "fail", "three"], journal=journal)
    assert raised.value.argument == "journal"
    first.collect()
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [line.get("status") for line in lines].count("ok") == 2
    again = client.map(["one", "fail", "three", "four"], journal=journal).collect()
    assert [(result.status, result.from_journal) for result in again] == [
        ("ok", True),
        ("failed", False),
        ("ok", True),
        ("ok", False),
    ]
    assert again[0].final_response == "done"
    assert again[0].result is not None
    assert again[0].result.items
    for items in (["one", "other"], ["one"]):
        with pytest.raises(InvalidArgumentError, match="other items"):
            client.map(iter(items), journal=journal)
    with pytest.raises(InvalidArgumentError, match="other options"):
        client.map(["one"], journal=journal, turn={"effort": "high"})


def test_who_answers_is_given_once(codex: Any, project: Path) -> None:
    escalated = command("touch x", sandbox_permissions="require_escalated", justification="x")
    client = codex({"replies": [{"items": [escalated]}, "done"], "repeat": "last"})
    asked: list[Any] = []

    def decide(request: Any) -> Decision:
        asked.append(request)
        return Decision.decline("no")

    thread = {"cwd": project, "extra": {"approvalPolicy": "on-request"}}
    results = client.map(["a", "b"], thread=thread, on_approval=decide).collect()
    assert statuses(results) == [(0, "ok"), (1, "ok")]
    assert {request.thread_id for request in asked} == {result.thread_id for result in results}


@pytest.mark.parametrize(
    ("items", "options", "argument"),
    [
        (["a"], {"concurrency": 0}, "concurrency"),
        (["a"], {"concurrency": "many"}, "concurrency"),
        (["a"], {"item_timeout": -1}, "item_timeout"),
        (["a"], {"journal": 3}, "journal"),
        (["a"], {"thread": {"cwds": "x"}}, "thread"),
        (["a"], {"thread": {"on_approval": print}}, "thread"),
        (["a"], {"turn": {"on_approval": print}}, "turn"),
        (["a"], {"on_approval": 3}, "on_approval"),
        ("a", {}, "items"),
        (3, {}, "items"),
        (["a", 3], {}, "items[1]"),
        ([MapItem("a", id=3)], {}, "items[0]"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_what_cannot_be_is_refused_at_the_call(
    codex: Any, items: Any, options: Any, argument: str
) -> None:
    client = codex(ECHO)
    with pytest.raises(InvalidArgumentError) as raised:
        client.map(items, **options)
    assert raised.value.argument == argument


def test_an_engine_that_goes_ends_the_map(codex: Any) -> None:
    client: Codex = codex(ECHO)
    results = client.map(["one", "hang"])
    next(results)
    client.close()
    with pytest.raises(TransportClosedError):
        next(results)
    assert list(results) == []


def test_asynchronously(async_codex: Any, home: Path) -> None:
    async def main() -> None:
        async def items() -> AsyncIterator[str]:
            for prompt in ("one", "fail", "three"):
                await asyncio.sleep(0)
                yield prompt

        async with async_codex(ECHO) as client:
            journal = home / "journal.jsonl"
            async with await client.map(items(), journal=journal) as results:
                seen = [result async for result in results]
            assert sorted(statuses(seen)) == [(0, "ok"), (1, "failed"), (2, "ok")]
            again = await (await client.map(["one", "fail", "three"], journal=journal)).collect()
            assert [result.from_journal for result in again] == [True, False, True]
            with pytest.raises(InvalidArgumentError):
                await client.map(["a"], concurrency=0)
            hanging = asyncio.ensure_future((await client.map(["hang"])).collect())
            await asyncio.sleep(0.2)
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging

    asyncio.run(main())
