"""Typed approvals, questions and elicitations, sync and async, on the real engine."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from codexkit import AsyncCodex, Codex, InvalidArgumentError, approvals
from codexkit.approvals import (
    ApprovalRequest,
    Decision,
    ElicitationRequest,
    Policy,
    QuestionRequest,
    commands,
    dangerously_accept_all,
    deny_all,
    edits_inside,
    mcp_tools,
    read_only_commands,
)
from conftest import ROOT, command, reply

ASKING = {"approval_policy": "on-request", "approvals_reviewer": "user"}
DECIDED = "codexkit/approval/decided"


def escalated(cmd: str) -> dict[str, Any]:
    """A command that the agent wants to run outside the sandbox."""
    return reply(command(cmd, sandbox_permissions="require_escalated", justification="need it"))


def asking(*commands: str) -> dict[str, Any]:
    """A script whose turns each ask for one command."""
    return {"replies": [part for cmd in commands for part in (escalated(cmd), reply("done"))]}


class Bench:
    """A client in front of a script, and what was decided in its turns."""

    def __init__(self, codex: Codex, model: Any, folder: Path) -> None:
        self.codex, self.model, self.folder = codex, model, folder

    def thread(self, **more: Any) -> Any:
        return self.codex.thread_start(
            cwd=self.folder, extra={**ASKING, "sandbox": "read-only"}, **more
        )

    def decided(self, thread: Any, **more: Any) -> list[tuple[str, str]]:
        turn = thread.turn("go", **more)
        events = [event.params for event in turn.stream() if event.method == DECIDED]
        return [(event["decision"], event["by"]) for event in events]


@pytest.fixture
def bench(scripted: Any, project: Path) -> Any:
    started: list[Codex] = []

    def start(script: Any, config: Any = None, **handlers: Any) -> Bench:
        model, options = scripted(script, config=config or {})
        started.append(Codex(options, **handlers))
        return Bench(started[-1], model, project)

    yield start
    for codex in started:
        codex.close()


def test_a_handler_gets_the_whole_request(bench: Any) -> None:
    seen: list[ApprovalRequest] = []

    def decide(request: ApprovalRequest) -> Decision:
        seen.append(request)
        return Decision.accept()

    one = bench(asking("touch yes.txt"), on_approval=decide)
    assert one.decided(one.thread()) == [("accept", "handler")]
    assert (one.folder / "yes.txt").exists()
    (request,) = seen
    assert isinstance(request, ApprovalRequest)
    assert (request.kind, request.script, request.reason) == ("command", "touch yes.txt", "need it")
    assert request.cwd == str(one.folder)
    assert request.available_decisions[0] == "accept"
    assert request.params["itemId"] == request.item_id


@pytest.mark.parametrize(
    ("answer", "decision", "exists"),
    [
        ("accept", "accept", True),
        ("decline", "decline", False),
        (Decision.accept_for_session(), "acceptForSession", True),
        (Decision.accept_with_rule(["touch"]), "acceptWithRule", True),
        (Decision.decline("not here"), "decline", False),
        (Decision.cancel(), "cancel", False),
        (deny_all("never"), "decline", False),
        (dangerously_accept_all(), "accept", True),
    ],
    ids=str,
)
def test_decisions(bench: Any, answer: Any, decision: str, exists: bool) -> None:
    one = bench(asking("touch x.txt"))
    on_approval = answer if isinstance(answer, Policy) else lambda _: answer
    (decided,) = one.decided(one.thread(on_approval=on_approval))
    assert decided[0] == decision
    assert (one.folder / "x.txt").exists() is exists


def test_the_agent_reads_the_reason(bench: Any) -> None:
    one = bench(asking("touch no.txt"), on_approval=lambda _: Decision.decline("use the attic"))
    one.decided(one.thread())
    assert "use the attic" in str(one.model.requests[-1]["body"])


def test_the_nearest_is_asked_first_and_no_opinion_passes_on(bench: Any) -> None:
    asked: list[str] = []

    def level(name: str, answer: Any) -> Any:
        def decide(_: Any) -> Any:
            asked.append(name)
            return answer

        return decide

    one = bench(asking("touch a", "touch b"), on_approval=level("client", "decline"))
    thread = one.thread(on_approval=[level("first", None), level("second", None)])
    assert one.decided(thread, on_approval=level("turn", None)) == [("decline", "handler")]
    assert asked == ["turn", "first", "second", "client"]
    assert one.decided(thread, on_approval=level("turn", "accept")) == [("accept", "handler")]
    assert asked[4:] == ["turn"]


def test_policies_and_functions_in_one_list(bench: Any) -> None:
    (script := asking("cat a.txt", "rm a.txt", "touch b.txt"))["replies"].append(reply("x"))
    one = bench(
        script,
        on_approval=[commands("rm", deny=True), read_only_commands(), lambda _: "accept"],
    )
    (one.folder / "a.txt").write_text("a")
    thread = one.thread()
    assert one.decided(thread) == [("accept", "policy read_only_commands")]
    assert one.decided(thread) == [("decline", "policy commands")]
    assert one.decided(thread) == [("accept", "handler")]
    assert (one.folder / "a.txt").exists()


def test_edits_inside_a_folder(bench: Any) -> None:
    patch = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch\n"
    call = {"custom_call": {"name": "apply_patch", "input": patch}}
    one = bench({"replies": [reply(call), reply("done")]})
    seen: list[ApprovalRequest] = []
    on_approval = [lambda request: seen.append(request), edits_inside(one.folder)]
    assert one.decided(one.thread(on_approval=on_approval)) == [("accept", "policy edits_inside")]
    assert (one.folder / "new.txt").read_text() == "hello\n"
    (change,) = seen[0].changes
    assert (change.kind, change.diff, Path(change.path).name) == ("add", "hello\n", "new.txt")


def raising(_: Any) -> Any:
    raise ValueError("broken")


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (raising, "ValueError: broken"),
        (lambda _: 3, "not int"),
        (lambda _: True, "not bool"),
        (lambda _: "perhaps", "'perhaps' is no decision|\"perhaps\" is no decision"),
        (lambda _: Decision.accept_with_rule([]), "rule: it is empty"),
        (lambda _: {"answer": "yes"}, "names no decision"),
    ],
)
def test_what_goes_wrong_declines(bench: Any, handler: Any, why: str) -> None:
    one = bench(asking("touch no.txt"), on_approval=handler)
    assert one.decided(one.thread()) == [("decline", "default")]
    assert not (one.folder / "no.txt").exists()
    assert any(re.search(why, entry["message"]) for entry in one.codex.diagnostics())


def test_an_answer_that_is_put_off_comes_from_another_thread(bench: Any) -> None:
    one = bench(asking("touch later.txt"), on_approval=lambda _: Decision.later())
    done: list[str] = []

    def answer() -> None:
        while not (pending := one.codex.pending_approvals()):
            time.sleep(0.01)
        done.append(pending[0].script)
        one.codex.answer_approval(pending[0].id, Decision.accept())

    other = threading.Thread(target=answer)
    other.start()
    assert one.decided(one.thread()) == [("accept", "later")]
    other.join()
    assert done == ["touch later.txt"]
    assert (one.folder / "later.txt").exists()
    with pytest.raises(InvalidArgumentError, match="nothing waits"):
        one.codex.answer_approval("no such", "accept")


QUESTION = reply(
    {
        "call": {
            "name": "request_user_input",
            "arguments": {
                "questions": [
                    {
                        "id": "q1",
                        "header": "Pick",
                        "question": "Which one?",
                        "options": [
                            {"label": "A", "description": "first"},
                            {"label": "B", "description": "second"},
                        ],
                    }
                ]
            },
        }
    }
)
ASK_USER = {"features": {"default_mode_request_user_input": True}}


def test_questions(bench: Any) -> None:
    seen: list[QuestionRequest] = []

    def answer(request: QuestionRequest) -> dict[str, str]:
        seen.append(request)
        return {"q1": "B"}

    one = bench({"replies": [QUESTION, reply("done"), QUESTION, reply("done")]}, ASK_USER)
    thread = one.thread(on_question=answer)
    assert one.decided(thread) == [("answered", "handler")]
    assert '{"answers":["B"]}' in str(one.model.requests[-1]["body"]).replace("\\", "")
    (question,) = seen[0].questions
    assert (question.question, question.options[1].label) == ("Which one?", "B")
    assert one.decided(thread, on_question=lambda _: {"q2": "B"}) == [("decline", "default")]


def mcp(name: str, **arguments: Any) -> dict[str, Any]:
    return reply({"call": {"name": name, "namespace": "mcp__fake", "arguments": arguments}})


FAKE = {
    "mcp_servers": {
        "fake": {"command": sys.executable, "args": [str(ROOT / "tests/parity/mcp_server.py")]}
    }
}


def test_elicitations_and_tools_of_mcp_servers(bench: Any) -> None:
    seen: list[ElicitationRequest] = []

    def answer(request: ElicitationRequest) -> dict[str, str]:
        seen.append(request)
        return {"name": "Ada"}

    replies = [mcp("ask"), reply("done"), mcp("ask"), reply("done")]
    replies += [mcp("destroy", text="it"), reply("done")]
    one = bench({"replies": replies}, FAKE, on_approval=mcp_tools("fake/destroy"))
    thread = one.thread(on_elicitation=answer)
    assert one.decided(thread) == [("accept", "handler")]
    assert "Ada" in str(one.model.requests[-1]["body"])
    assert (seen[0].server, seen[0].mode, seen[0].message) == ("fake", "form", "Who are you?")
    assert one.decided(thread, on_elicitation=lambda _: {"name": 5}) == [("decline", "default")]
    assert one.decided(thread) == [("accept", "policy mcp_tools")]


async def test_async_handlers_run_on_the_loop_and_delay_no_other_turn(
    scripted: Any, project: Path
) -> None:
    script = {
        "rules": [
            {"when": {"prompt_contains": "slow"}, "replies": [escalated("touch a"), reply("done")]},
            {"when": {"prompt_contains": "fast"}, "replies": [reply("fast")]},
        ]
    }
    _, config = scripted(script)
    released, waiting = asyncio.Event(), asyncio.Event()
    loops: list[Any] = []

    async def decide(_: ApprovalRequest) -> str:
        loops.append(asyncio.get_running_loop())
        waiting.set()
        await released.wait()
        return "accept"

    async with AsyncCodex(config, on_approval=decide) as codex:
        extra = {**ASKING, "sandbox": "read-only"}
        slow = await (await codex.thread_start(cwd=project, extra=extra)).turn("slow")
        await waiting.wait()
        fast = await codex.thread_start(cwd=project, extra=extra)
        assert (await fast.run("fast")).final_response == "fast"
        released.set()
        assert (await slow.run()).final_response == "done"
    assert loops == [asyncio.get_running_loop()]
    assert (project / "a").exists()


async def test_async_levels_and_answers_that_are_put_off(scripted: Any, project: Path) -> None:
    _, config = scripted(asking("touch a", "touch b", "touch c"))

    async def later(_: Any) -> Decision:
        return Decision.later()

    async with AsyncCodex(config) as codex:
        extra = {**ASKING, "sandbox": "read-only"}
        thread = await codex.thread_start(cwd=project, extra=extra, on_approval=later)
        turn = await thread.turn("go")
        async for event in turn.stream():
            if event.method == "codexkit/approval/requested":
                break
        while not (pending := await codex.pending_approvals()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await codex.answer_approval(pending[0].id, Decision.accept())
        await turn.run()
        await thread.run("go", on_approval=[read_only_commands(), deny_all()])
        events = thread.run_streamed("go", on_approval=lambda _: "accept")
        assert [event["type"] async for event in events][-1] == "turn.completed"
    assert sorted(os.listdir(project)) == ["a", "c"]


def test_a_handler_may_use_the_client(bench: Any) -> None:
    """Re-entrant: it asks the engine, and runs a turn of its own."""
    script = {
        "rules": [
            {"when": {"prompt_contains": "go"}, "replies": [escalated("touch a"), reply("done")]},
            {"when": {"prompt_contains": "may it"}, "replies": [reply("yes")]},
        ]
    }
    one = bench(script)

    def decide(request: ApprovalRequest) -> str:
        assert one.codex.models().data
        second = one.codex.thread_start(ephemeral=True).run(f"may it {request.script}?")
        return "accept" if second.final_response == "yes" else "decline"

    assert one.decided(one.thread(on_approval=decide)) == [("accept", "handler")]


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: commands(), "prefixes"),
        (lambda: commands("a | b"), "prefixes"),
        (lambda: commands(patterns=["("]), "patterns"),
        (lambda: commands(patterns="x"), "patterns"),
        (lambda: edits_inside(), "folders"),
        (lambda: edits_inside("/no/such/folder"), "folders"),
        (lambda: mcp_tools(), "names"),
        (lambda: Decision.accept_with_rule("touch"), "rule"),
        (lambda: Codex(on_approval="accept"), "on_approval"),  # type: ignore[arg-type]
        (lambda: Codex(on_approval=[deny_all(), 3]), "on_approval"),  # type: ignore[list-item]
        (lambda: Codex(on_question=deny_all()), "on_question"),  # type: ignore[arg-type]
        (lambda: AsyncCodex(on_elicitation=3), "on_elicitation"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_handler_is_refused_at_the_call(make: Any, argument: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        make()
    assert caught.value.argument == argument


def test_policies_compare_by_what_they_are() -> None:
    assert commands("ls") == commands("ls") != commands("ls", deny=True)
    assert len({read_only_commands(), read_only_commands()}) == 1
    assert "read_only_commands" in repr(read_only_commands())


TERMINAL = """
import sys
from codexkit.approvals import *
command = ApprovalRequest("i", "command", "m", script="rm \\x1b[2Jx", cwd="/w", available_decisions=("accept", "decline", "cancel"))
print(ask_terminal(command))
print(ask_terminal(command))
two = (QuestionOption("A", "first"), QuestionOption("B", "second"))
print(ask_terminal(QuestionRequest("i", questions=(Question("q", "Pick", "Which?", two),))))
form = {"properties": {"name": {"type": "string"}, "age": {"type": "integer"}}, "required": ["name", "age"]}
print(ask_terminal(ElicitationRequest("i", "fake", "form", "Who?", schema=form)))
"""


def test_a_person_is_asked_in_the_terminal() -> None:
    main, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(TERMINAL)],
        env={"PYTHONPATH": str(ROOT / "python")},
        stdin=other,
        stdout=subprocess.PIPE,
        stderr=other,
        text=True,
    )
    with open(main, "w", closefd=False) as keys:
        keys.write("maybe\ny\nn\nnot here\n2\ny\nAda\nold\n36\n")
        keys.flush()
    output, _ = process.communicate(timeout=30)
    shown = b""
    os.set_blocking(main, False)
    while True:
        try:
            shown += os.read(main, 65536)
        except (BlockingIOError, OSError):
            break
    assert output.splitlines() == [
        str(Decision.accept()),
        str(Decision.decline("not here")),
        "{'q': 'B'}",
        "{'name': 'Ada', 'age': 36}",
    ]
    # What the agent wrote cannot draw over the prompt.
    assert b"\x1b[2J" not in shown
    assert b"rm \\x1b[2Jx" in shown


def test_without_a_terminal_there_is_no_opinion() -> None:
    code = "from codexkit.approvals import *; print(ask_terminal(ApprovalRequest('i', 'command', 'm')))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "python")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "None"


def test_every_public_name_is_there() -> None:
    assert all(hasattr(approvals, name) for name in approvals.__all__)


REPAIRED = {
    "replies": [
        escalated("touch one.txt"),
        reply({"message": "no number"}),
        escalated("touch two.txt"),
        reply({"message": '{"value": 2}'}),
    ]
}


def test_who_answers_for_a_typed_question_answers_in_each_of_its_turns(bench: Any) -> None:
    seen: list[str | None] = []

    def decide(request: ApprovalRequest) -> str:
        seen.append(request.script)
        return "accept"

    one = bench(REPAIRED)
    result = one.thread().run("go", on_approval=decide, output_type=int, output_repairs=1)
    assert (result.parsed, len(result.attempts)) == (2, 1)
    assert seen == ["touch one.txt", "touch two.txt"]
    assert (one.folder / "one.txt").exists()
    assert (one.folder / "two.txt").exists()


def test_the_same_for_a_typed_turn_and_on_an_event_loop(scripted: Any, project: Path) -> None:
    seen: list[str | None] = []

    async def decide(request: ApprovalRequest) -> str:
        seen.append(request.script)
        return "accept"

    async def main() -> None:
        _, options = scripted({"replies": [*REPAIRED["replies"], *REPAIRED["replies"][2:]]})
        async with AsyncCodex(options) as codex:
            thread = await codex.thread_start(cwd=project, extra={**ASKING, "sandbox": "read-only"})
            result = await thread.run("go", on_approval=decide, output_type=int, output_repairs=1)
            assert (result.parsed, len(result.attempts)) == (2, 1)
            turn = await thread.turn("go", on_approval=decide, output_type=int)
            assert (await turn.run()).parsed == 2

    asyncio.run(main())
    assert seen == ["touch one.txt", "touch two.txt", "touch two.txt"]
