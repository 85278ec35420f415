"""Spans, events, logs and metrics of the Python package on the real engine, and the same spans as in Rust."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from codexkit import (
    AsyncCodex,
    Codex,
    GoalCheck,
    InvalidArgumentError,
    TurnFailedError,
    telemetry,
)
from codexkit.telemetry import Span
from conftest import ROOT, add

FOLDER = ROOT / "fixtures" / "spans"
SCENARIOS: dict[str, Any] = json.loads((FOLDER / "scenarios.json").read_text())
SECRETS: list[str] = json.loads((FOLDER / "secrets.json").read_text())
"""What is in the prompts, answers, arguments and errors of the scenarios, and in no record."""
PROMPT = "a-secret-prompt sk-abcdefghijklmnop"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def tree(spans: list[Span], parent: int | None = None) -> list[Any]:
    """What stays the same from run to run, as core/tests/it/telemetry.rs has it."""
    found = {
        json.dumps(
            {
                "kind": span.kind,
                "name": span.name,
                "status": span.status,
                "attributes": sorted(span.attributes),
                "children": tree(spans, span.id),
            },
            sort_keys=True,
        )
        for span in spans
        if span.parent == parent and not (span.kind == "request" and span.status == "error")
    }
    return [json.loads(one) for one in sorted(found)]


def sort(found: Any) -> Any:
    """The same in an order that is no language's."""
    if not isinstance(found, list):
        return found
    for one in found:
        one["children"] = sort(one["children"])
    return sorted(found, key=lambda one: json.dumps(one, sort_keys=True))


def options(scenario: dict[str, Any], project: Path) -> dict[str, Any]:
    """The thread of a scenario."""
    given: dict[str, Any] = {
        "cwd": project,
        "extra": {"sandbox": "danger-full-access", "approvalPolicy": "never"},
    }
    if "tools" in scenario:
        given["tools"] = [add]
    if "accept" in scenario:
        given["extra"] = {
            "sandbox": "read-only",
            "approvalPolicy": "on-request",
            "approvalsReviewer": "user",
        }
        given["on_approval"] = lambda request: (
            "accept" if scenario["accept"] in (request.script or "") else "decline"
        )
    return given


def steer(scenario: dict[str, Any], turn: Any) -> Any:
    """Steers, if the scenario says with what."""
    return turn.steer(scenario["steer"]) if "steer" in scenario else None


def play(config: Any, scenario: dict[str, Any], project: Path, **more: Any) -> Codex:
    with Codex(config, **more) as codex:
        turn = codex.thread_start(**options(scenario, project)).turn(PROMPT)
        for event in turn.stream():
            item = scenario.get("interrupt_at")
            if event.method == "item/started" and event.params["item"]["type"] == item:
                steer(scenario, turn)
                turn.interrupt()
    return codex


async def play_async(config: Any, scenario: dict[str, Any], project: Path, **more: Any) -> None:
    async with AsyncCodex(config, **more) as codex:
        turn = await (await codex.thread_start(**options(scenario, project))).turn(PROMPT)
        async for event in turn.stream():
            item = scenario.get("interrupt_at")
            if event.method == "item/started" and event.params["item"]["type"] == item:
                await steer(scenario, turn)
                await turn.interrupt()


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_a_scenario_has_the_spans_that_rust_has(name: str, scripted: Any, project: Path) -> None:
    _, config = scripted(SCENARIOS[name]["script"], client_name="spans")
    spans: list[Span] = []
    play(config, SCENARIOS[name], project, on_span=spans.append)
    assert telemetry.flush()
    golden = json.loads((FOLDER / f"{name}.json").read_text())
    assert sort(tree(spans)) == sort(golden)
    told = repr(spans)
    assert not [secret for secret in SECRETS if secret in told], told


@pytest.mark.parametrize("name", ["approvals", "interrupted"])
def test_the_asynchronous_client_has_the_same(name: str, scripted: Any, project: Path) -> None:
    scenario = SCENARIOS[name]
    _, config = scripted(scenario["script"], client_name="spans")
    spans: list[Span] = []
    asyncio.run(play_async(config, scenario, project, on_span=spans.append))
    assert telemetry.flush()
    golden = json.loads((FOLDER / f"{name}.json").read_text())
    assert sort(tree(spans)) == sort(golden)


def test_a_hook_of_one_client_hears_of_no_other(scripted: Any, project: Path) -> None:
    _, config = scripted({"replies": ["one", "two"]})
    mine: list[Span] = []
    everything: list[Span] = []
    with telemetry.observe(everything.append):
        play(config, {}, project, on_span=mine.append)
        play(config, {}, project)
    turns = [span for span in everything if span.kind == "turn"]
    assert (len(turns), [span.kind for span in mine].count("turn")) == (2, 1)
    before = len(everything)
    play(scripted({"replies": ["three"]})[1], {}, project)
    assert telemetry.flush()
    assert len(everything) == before, "it was stopped"


def test_content_is_for_those_who_ask_and_a_hook_that_raises_harms_nobody(
    scripted: Any, project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    scenario = SCENARIOS["tool"]
    _, config = scripted(scenario["script"])
    plain: list[Span] = []
    full: list[Span] = []
    with (
        telemetry.observe(plain.append),
        telemetry.observe(full.append, capture_content=True),
        telemetry.observe(lambda span: 1 / 0),
    ):
        play(config, scenario, project)
    content = {span.kind: span.content for span in full}
    assert "a-secret-prompt [redacted]" in content["turn"]["gen_ai.input.messages"]
    assert content["tool"]["gen_ai.tool.call.result"] == '{"sum":123454323}'
    assert not any(span.content for span in plain)
    assert "sk-abc" not in repr(full)
    assert "an observer of telemetry raised" in caplog.text


def test_metrics_are_the_cores(scripted: Any, project: Path) -> None:
    scenario = SCENARIOS["approvals"]
    metrics = play(scripted(scenario["script"])[1], scenario, project).metrics()
    assert metrics["turns"] == {"completed": 1}
    assert metrics["approvals"] == {"accept": 1, "decline": 1}
    assert (metrics["turn_duration"]["count"], metrics["restarts"]) == (1, 0)
    assert metrics["tokens"]["input"] > 0
    assert len(metrics["turn_duration"]["counts"]) == len(metrics["turn_duration"]["bounds"]) + 1


@contextmanager
def exporting(**more: Any) -> Iterator[tuple[TracerProvider, Callable[[], list[Any]], Any]]:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    telemetry.instrument(provider, MeterProvider([reader]), **more)
    try:

        def finished() -> list[Any]:
            assert telemetry.flush()
            return list(exporter.get_finished_spans())

        yield provider, finished, reader
    finally:
        telemetry.uninstrument()


def test_opentelemetry_gets_spans_with_their_parents_and_times(
    scripted: Any, project: Path
) -> None:
    scenario = SCENARIOS["tool"]
    with exporting() as (provider, finished, reader):
        _, config = scripted(scenario["script"], client_name="spans")
        with provider.get_tracer("app").start_as_current_span("request") as request:
            play(config, scenario, project)
        spans = {span.name: span for span in finished()}
    turn, called = spans["invoke_agent spans"], spans["execute_tool add"]
    assert turn.parent.span_id == request.get_span_context().span_id
    assert turn.context.trace_id == request.get_span_context().trace_id
    assert called.parent.span_id == turn.context.span_id
    assert turn.start_time <= called.start_time <= called.end_time <= turn.end_time
    assert turn.attributes["gen_ai.provider.name"] == "openai"
    assert turn.attributes["gen_ai.usage.input_tokens"] > 0
    assert spans["create_agent spans"].parent.span_id == request.get_span_context().span_id
    assert telemetry.SEMANTIC_CONVENTIONS in turn.instrumentation_scope.schema_url
    told = repr([dict(span.attributes) for span in spans.values()])
    assert not [secret for secret in SECRETS if secret in told], told
    data = json.loads(reader.get_metrics_data().to_json())
    metrics = data["resource_metrics"][0]["scope_metrics"][0]["metrics"]
    names = {metric["name"] for metric in metrics}
    assert names >= {"gen_ai.client.operation.duration", "gen_ai.client.token.usage"}


def test_a_failed_turn_is_an_error_and_content_is_opted_in(scripted: Any, project: Path) -> None:
    scenario = SCENARIOS["failed"]
    with exporting(capture_content=True) as (_, finished, _reader):
        play(scripted(scenario["script"], client_name="spans")[1], scenario, project)
        turn = next(span for span in finished() if span.name == "invoke_agent spans")
    assert turn.status.status_code.name == "ERROR"
    assert turn.attributes["codexkit.turn.status"] == "failed"
    assert "a-secret-prompt" in turn.attributes["gen_ai.input.messages"]


def test_a_trace_context_is_checked_and_becomes_the_parent(scripted: Any, project: Path) -> None:
    _, config = scripted({"replies": ["one", "two"]})
    spans: list[Span] = []
    with Codex(config, on_span=spans.append) as codex:
        thread = codex.thread_start(cwd=project)
        thread.run("go", trace_context={"traceparent": PARENT, "tracestate": "a=b"})
        thread.run("go", trace_context=PARENT)
        with pytest.raises(InvalidArgumentError, match="traceparent"):
            thread.run("go", trace_context="00-1-2-3")
        with pytest.raises(InvalidArgumentError, match="trace_context"):
            thread.run("go", trace_context=5)  # type: ignore[arg-type]
    telemetry.flush()
    turns = [span.trace for span in spans if span.kind == "turn"]
    assert turns == [{"traceparent": PARENT, "tracestate": "a=b"}, {"traceparent": PARENT}]


def test_a_turn_is_told_and_counted_when_its_result_is_there(scripted: Any, project: Path) -> None:
    _, config = scripted({"replies": ["fine"], "repeat": "last"})
    spans: list[Span] = []
    with Codex(config, on_span=spans.append) as codex:
        thread = codex.thread_start(cwd=project)
        for count in range(1, 21):
            thread.run("go")
            assert codex.metrics()["turns"] == {"completed": count}
            assert telemetry.flush()
            assert [span.kind for span in spans].count("turn") == count


GOAL = {
    "rules": [
        {
            "when": {"prompt_contains": "paint it"},
            "replies": [
                "on it",
                {"items": [{"call": {"name": "update_goal", "arguments": {"status": "complete"}}}]},
                "reached",
            ],
        }
    ],
    "replies": ["fine"],
    "repeat": "last",
}


def traces(spans: list[Span]) -> list[Any]:
    """The traces of the turns so far, which are forgotten."""
    assert telemetry.flush()
    found = [span.trace for span in spans if span.kind == "turn"]
    spans.clear()
    return found


def test_the_turns_of_runs_goals_and_maps_are_in_the_trace_that_is_given(
    scripted: Any, project: Path
) -> None:
    _, config = scripted(GOAL, config_overrides=["features.goals=true"])
    both = {"traceparent": PARENT, "tracestate": "a=b"}
    spans: list[Span] = []
    with Codex(config, on_span=spans.append) as codex:
        thread = codex.thread_start(cwd=project)
        run = thread.auto_run("go", max_turns=2, trace_context=both)
        assert traces(spans) == [both, both]
        assert run.continuation is not None
        codex.auto_resume(run.continuation, max_turns=3, thread=thread, trace_context=PARENT)
        assert traces(spans) == [{"traceparent": PARENT}]
        for _event in thread.auto_run_streamed("go", max_turns=1, trace_context=PARENT):
            pass
        assert traces(spans) == [{"traceparent": PARENT}]
        goal = codex.thread_start(cwd=project)
        done = goal.auto_run("paint it", until=GoalCheck(), trace_context=PARENT)
        assert done.stop_reason == "done"
        assert traces(spans) == [{"traceparent": PARENT}] * 2
        list(codex.map(["one", "two"], trace_context=both, thread={"cwd": project}))
        assert traces(spans) == [both, both]
        with pytest.raises(InvalidArgumentError, match="traceparent"):
            thread.auto_run("go", trace_context="00-1")
        with pytest.raises(InvalidArgumentError, match="traceparent"):
            codex.map(["one"], trace_context="00-1")


def test_asynchronous_runs_and_maps_are_in_the_trace_that_is_given(
    scripted: Any, project: Path
) -> None:
    _, config = scripted(GOAL, config_overrides=["features.goals=true"])
    spans: list[Span] = []
    given = {"traceparent": PARENT}

    async def play_all() -> None:
        async with AsyncCodex(config, on_span=spans.append) as codex:
            thread = await codex.thread_start(cwd=project)
            run = await thread.auto_run("go", max_turns=1, trace_context=PARENT)
            assert traces(spans) == [given]
            assert run.continuation is not None
            await codex.auto_resume(run.continuation, max_turns=2, trace_context=PARENT)
            assert traces(spans) == [given]
            async for _event in thread.auto_run_streamed("go", max_turns=1, trace_context=PARENT):
                pass
            assert traces(spans) == [given]
            goal = await codex.thread_start(cwd=project)
            await goal.auto_run("paint it", until=GoalCheck(), trace_context=PARENT)
            assert traces(spans) == [given, given]
            mapping = await codex.map(["one"], trace_context=PARENT, thread={"cwd": project})
            async for _result in mapping:
                pass
            assert traces(spans) == [given]

    asyncio.run(play_all())


def test_the_turns_of_a_run_are_children_of_the_applications_span(
    scripted: Any, project: Path
) -> None:
    _, config = scripted({"replies": ["fine"], "repeat": "last"}, client_name="spans")
    with exporting() as (provider, finished, _reader), Codex(config) as codex:
        thread = codex.thread_start(cwd=project)
        with provider.get_tracer("app").start_as_current_span("request") as request:
            thread.auto_run("go", max_turns=2)
            list(codex.map(["one"], thread={"cwd": project}))
        turns = [span for span in finished() if span.name == "invoke_agent spans"]
        asked = request.get_span_context()
    assert [turn.parent.span_id for turn in turns] == [asked.span_id] * 3


@pytest.mark.parametrize("name", ["tool", "approvals", "failed", "broken", "interrupted"])
def test_no_sink_is_told_content_that_it_has_not_asked_for(
    name: str, scripted: Any, project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    scenario = SCENARIOS[name]
    logs = telemetry._Logs()
    told: list[Any] = []
    with caplog.at_level(logging.DEBUG, "codexkit"), exporting() as (_, finished, reader):
        telemetry._hub.add(logs)
        try:
            with telemetry.observe(told.append, told.append):
                play(scripted(scenario["script"], client_name="spans")[1], scenario, project)
            spans = finished()
        finally:
            telemetry._hub.remove(logs)
        metrics = reader.get_metrics_data().to_json()
    turn = next(span for span in spans if span.name == "invoke_agent spans")
    requests = [span for span in spans if span.name.startswith("codexkit.request turn/")]
    assert requests
    assert all(request.parent.span_id == turn.context.span_id for request in requests)
    records = [repr(record.__dict__) for record in caplog.records]
    assert any("codexkit.turn" in record for record in records)
    exported = [span.to_json() for span in spans]
    text = "".join([repr(told), metrics, *records, *exported])
    assert not [secret for secret in SECRETS if secret in text], text


def test_the_error_of_a_turn_and_what_is_captured_of_it_have_no_secret(
    scripted: Any, project: Path
) -> None:
    _, config = scripted(SCENARIOS["broken"]["script"])
    full: list[Span] = []
    with telemetry.observe(full.append, capture_content=True), Codex(config) as codex:
        turn = codex.thread_start(cwd=project).turn("go")
        failed = [event for event in turn.stream() if event.method == "turn/completed"]
        with pytest.raises(TurnFailedError) as caught:
            codex.thread_start(cwd=project).run("go")
    result = caught.value.result
    assert result is not None
    assert result.error is not None
    content = next(span.content for span in full if span.kind == "turn")
    for text in (str(caught.value), result.error.message, content["codexkit.error.message"]):
        assert "[redacted]" in text, text
        assert not [secret for secret in ("sk-abc", "hunter2") if secret in text], text
    assert failed, "the event is as the engine sent it"


def test_bad_hooks_are_refused_at_the_call() -> None:
    with pytest.raises(InvalidArgumentError, match="on_span"):
        telemetry.observe(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="on_span"):
        telemetry.observe()
    with pytest.raises(InvalidArgumentError, match="on_event"):
        Codex(on_event="no")  # type: ignore[arg-type]


LOGGING = """
import logging, sys, threading
from codexkit import Codex, CodexConfig, telemetry
level, binary, plan = sys.argv[1:]
logging.basicConfig(level=level, format="%(name)s %(levelname)s %(message)s", stream=sys.stdout)
with Codex(CodexConfig(launch_args_override=[binary, "faulty", "--plan", plan])) as codex:
    codex.thread_start().run("a-secret-prompt")
names = [thread.name for thread in threading.enumerate()]
print("thread" if "codexkit-telemetry" in names else "no thread")
"""


def program(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "python")},
    )


def logged(level: str) -> str:
    binary = ROOT / "target" / "debug" / "codexkit-testkit"
    done = program(LOGGING, level, str(binary), "{}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ordinary_logging_turns_it_on_and_nothing_runs_without() -> None:
    lines = logged("INFO").splitlines()
    assert any(line.startswith("codexkit.client INFO codexkit.client: ok") for line in lines)
    assert any(line.startswith("codexkit.turn INFO invoke_agent") for line in lines)
    assert not any("codexkit.request" in line for line in lines)
    assert "thread" in lines
    assert "a-secret" not in "".join(lines)
    assert "codexkit.request DEBUG" in logged("DEBUG")
    assert logged("WARNING").splitlines() == ["no thread"]


def test_without_opentelemetry_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from codexkit import telemetry\n"
        "try: telemetry.instrument()\n"
        "except ImportError as error: print(error)\n"
    )
    done = program(code)
    assert "pip install opentelemetry-api" in done.stdout, done.stderr


def test_records_carry_the_fields_of_logging(
    scripted: Any, project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sink = telemetry._Logs()
    span = Span(1, None, "turn", "invoke_agent x", 0, 5_000_000, "error", {"error.type": "closed"})
    with caplog.at_level(logging.INFO, "codexkit"):
        sink.ended(span)
    record = caplog.records[-1]
    assert (record.name, record.levelname) == ("codexkit.turn", "WARNING")
    assert record.getMessage() == "invoke_agent x: closed in 0.005 s"
    assert record.__dict__["codexkit_attributes"] == {"error.type": "closed"}
