"""Agents that hand their conversation over to each other, on the real engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codexkit import AsyncCodex, Codex, CodexError, Handoff, InvalidArgumentError
from conftest import reply, rule


def transfer(name: str, message: str) -> dict[str, Any]:
    """The model hands over."""
    return reply({"call": {"name": f"transfer_to_{name}", "arguments": {"message": message}}})


def said(model: Any, prompt: str) -> list[str]:
    """What users and agents have said, as the model read it last with this in its prompt."""
    items = [it for it in model.requests if prompt in it["prompt"]][-1]["body"]["input"]
    spoken = [item for item in items if item.get("role") in ("user", "assistant")]
    texts = [item["content"][0]["text"] for item in spoken]
    return [text for text in texts if not text.startswith("<")]


BACK = {
    "rules": [
        rule("invoice", transfer("billing", "Invoice 7."), reply("Bye.")),
        rule("Invoice 7.", transfer("triage", "All paid."), reply("")),
        rule("All paid.", reply("It is paid.")),
        rule("plain", transfer("billing", "Invoice 8."), reply("I did it.")),
    ]
}


def test_a_conversation_goes_to_another_agent_and_back(scripted: Any) -> None:
    model, config = scripted(BACK)
    with Codex(config) as codex:
        back = Handoff("triage", "Everything else.")
        assert (back.name, back.thread_id) == ("transfer_to_triage", None)
        billing = codex.thread_start(tools=[back])
        triage = codex.thread_start(tools=[billing.as_handoff("billing", "Knows invoices.")])
        back.bind(triage)
        assert back.thread_id == triage.id
        result = triage.auto_run("Look at my invoice.", until="answer")
        assert (result.final_response, result.stop_reason) == ("It is paid.", "done")
        assert result.thread_id == triage.id
        made = [(it.turn, it.from_thread_id, it.to_thread_id, it.name) for it in result.handoffs]
        assert made == [(1, triage.id, billing.id, "billing"), (2, billing.id, triage.id, "triage")]
        assert result.handoffs[0].message == "Invoice 7."
        assert [turn.thread_id for turn in result.history] == [triage.id, billing.id, triage.id]
        heard = said(model, "Invoice 7.")
        assert heard[:2] == ["Look at my invoice.", "Bye."]
        assert "handed over to you" in heard[2]
        # Nobody follows it in a turn of its own.
        assert triage.run("plain").final_response == "I did it."
        with pytest.raises(CodexError, match="auto_run follows it"):
            back("please")


async def test_a_stream_tells_of_the_handoff_async(scripted: Any) -> None:
    _, config = scripted(BACK)
    async with AsyncCodex(config) as codex:
        back = Handoff("triage", "Everything else.", history=0)
        billing = await codex.thread_start(tools=[back])
        triage = await codex.thread_start(tools=[billing.as_handoff("billing", "Knows invoices.")])
        back.bind(triage)
        told, threads = [], []
        run = triage.auto_run_streamed("Look at my invoice.", until="answer")
        async with run:
            async for event in run:
                if event.method == "codexkit/autoRun/handedOver":
                    told.append((event.params["threadId"], event.params["toThreadId"]))
                if event.method == "turn/started":
                    threads.append(event.params["threadId"])
        result = await run.result()
        assert told == [(triage.id, billing.id), (billing.id, triage.id)]
        assert threads == [triage.id, billing.id, triage.id]
        assert result.final_response == "It is paid."


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: Handoff("has space", "Is B."), "name"),
        (lambda: Handoff("b", " "), "description"),
        (lambda: Handoff("b", 3), "description"),  # type: ignore[arg-type]
        (lambda: Handoff("b", "Is B.", history=-1), "history"),
        (lambda: Handoff("b", "Is B.").bind("a thread"), "thread"),
    ],
)
def test_what_cannot_be_a_handoff_is_refused(make: Callable[[], Any], names: str) -> None:
    with pytest.raises(InvalidArgumentError, match=names):
        make()


def test_until_names_what_it_accepts(scripted: Any) -> None:
    _, config = scripted(BACK)
    with Codex(config) as codex, pytest.raises(InvalidArgumentError, match="'answer'"):
        codex.thread_start().auto_run("hello", until="answered")  # type: ignore[arg-type]
