"""What a healthy engine never does: bad lines, unknown things, floods, sudden death."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from codexkit import Codex, LaggedError, TransportClosedError, UnknownNotification, types
from conftest import faulty


def at_delta(*actions: Any, nth: int = 2) -> dict[str, Any]:
    return {"faults": [{"on": "item/agentMessage/delta", "nth": nth, "then": list(actions)}]}


@pytest.mark.parametrize(
    "line",
    [
        "bad_json",
        "blank",
        "array",
        "invalid_utf8",
        "lone_surrogate",
        "duplicate_keys",
        "unknown_answer",
    ],
)
def test_bad_lines_end_nothing(line: str) -> None:
    with Codex(faulty(at_delta(line))) as client:
        thread = client.thread_start()
        turn = thread.turn("Hi")
        for event in turn.stream():
            assert repr(event)
            assert isinstance(event.params, dict)
            if "delta" in event.method:
                assert isinstance(event.payload.delta, str)
        assert turn.run().final_response == "Hello from the faulty engine"
        assert thread.run("again").status == "completed"


def test_a_lone_surrogate_reads_as_what_it_is() -> None:
    with Codex(faulty(at_delta("lone_surrogate"))) as client:
        events = list(client.thread_start().turn("Hi").stream())
    texts = [event.payload.delta for event in events if event.method == "item/agentMessage/delta"]
    assert all(
        text == event
        for text, event in zip(
            texts,
            [e.params["delta"] for e in events if e.method == "item/agentMessage/delta"],
            strict=True,
        )
    )


def test_unknown_things_stay_visible() -> None:
    plan = at_delta("unknown_notification", "unknown_item", "unknown_enum")
    with Codex(faulty(plan)) as client:
        turn = client.thread_start().turn("Hi")
        events = list(turn.stream())
        seen = events + list(client._native.notifications().take())
        unknown = [event for event in seen if isinstance(event.payload, UnknownNotification)]
        assert unknown
        assert unknown[0].payload.params == unknown[0].params
        match unknown[0].payload:
            case UnknownNotification(params):
                assert isinstance(params, dict)
        items = [event.payload.item for event in events if event.method == "item/completed"]
        strange = [item for item in items if type(item) is types.ThreadItem]
        assert strange
        assert strange[0].root is strange[0]
        assert strange[0].type not in ("agentMessage", None)
        statuses = [getattr(item, "status", None) for item in items]
        assert any(type(status) is str for status in statuses)
        assert any(type(item) is types.ThreadItem for item in turn.run().items)


@pytest.mark.parametrize(
    "death", [{"die": {"exit": 3}}, {"die": {"signal": "KILL"}}, "close_stdout"]
)
def test_the_engines_death_reaches_everybody(death: Any) -> None:
    plan = at_delta({"stderr": "last words"}, {"sleep_ms": 100}, death)
    with Codex(faulty(plan)) as client:
        thread = client.thread_start()
        turn = thread.turn("Hi")
        with pytest.raises(TransportClosedError):
            list(turn.stream())
        with pytest.raises(TransportClosedError) as caught:
            turn.run()
        if isinstance(death, dict) and "exit" in death["die"]:
            assert caught.value.exit_code == 3
            assert "last words" in (caught.value.stderr_tail or "")
        elif isinstance(death, dict):
            assert caught.value.signal == 9
        began = time.monotonic()
        with pytest.raises(TransportClosedError):
            thread.run("again")
        assert time.monotonic() - began < 1
        assert client.is_closed


def test_closing_in_another_thread_ends_the_wait() -> None:
    client = Codex(
        faulty({"faults": [{"on": "turn/completed", "answer": "never"}], "turn": {"delay_ms": 50}})
    )
    turn = client.thread_start().turn("Hi")
    timer = threading.Timer(0.4, client.close)
    timer.start()
    with pytest.raises(TransportClosedError):
        turn.run()
    timer.join()


def test_a_reader_that_falls_behind_is_told_and_the_result_is_exact() -> None:
    notify = {
        "method": "item/commandExecution/terminalInteraction",
        "params": {
            "threadId": "${thread}",
            "turnId": "${turn}",
            "itemId": "x",
            "processId": "1",
            "stdin": "y",
        },
    }
    plan = at_delta({"flood": {"count": 500, **notify}})
    with Codex(faulty(plan, queue_hard_events=50)) as client:
        turn = client.thread_start().turn("Hi")
        assert turn.run().final_response == "Hello from the faulty engine"
        stream = turn.stream()
        assert [next(stream).method for _ in range(50)][0] == "turn/started"
        with pytest.raises(LaggedError) as caught:
            list(stream)
        assert (caught.value.skipped or 0) >= 400
        assert turn.run().status == "completed"


def test_deltas_are_joined_when_nobody_reads() -> None:
    with Codex(faulty(at_delta({"flood": {"count": 5000}}), queue_soft_events=20)) as client:
        turn = client.thread_start().turn("Hi")
        turn.run()
        events = list(turn.stream())
        assert len(events) < 100
        assert sum(event.merged for event in events) > 5000
        assert turn._native.events().coalesced > 4000


def test_huge_lines_pass_and_larger_ones_are_skipped() -> None:
    with Codex(faulty(at_delta({"huge_line": 3_000_000}))) as client:
        thread = client.thread_start()
        events = list(thread.turn("Hi").stream())
        seen = events + client._native.notifications().take()
        assert max(len(event.raw) for event in seen) > 2_900_000
    with Codex(faulty(at_delta({"huge_line": 3_000_000}), max_line_bytes=1_000_000)) as client:
        assert client.thread_start().run("Hi").status == "completed"
        assert client.diagnostics()


def test_a_missed_end_is_recovered() -> None:
    plan = {"faults": [{"on": "turn/completed", "answer": "never"}]}
    with Codex(faulty(plan)) as client:
        turn = client.thread_start().turn("Hi")
        assert turn.run().recovered
        last = list(turn.stream())[-1]
        assert last.method == "turn/completed"
        assert last.recovered
