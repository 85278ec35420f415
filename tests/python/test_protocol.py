"""`codex.api`: every method of the protocol by its name, and what is refused before it is sent."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import codexkit
from codexkit import AsyncCodex, Codex, InvalidArgumentError, JsonRpcError, protocol, types
from codexkit.generated import registry
from conftest import always, command, reply

ROOT = Path(__file__).resolve().parents[2]
STUB = ROOT / "python/codexkit/protocol.pyi"


@pytest.fixture
def client(codex: Callable[..., Codex]) -> Codex:
    return codex(always("Hi."))


def refusal(call: Callable[[], Any]) -> tuple[str | None, str]:
    with pytest.raises(InvalidArgumentError) as caught:
        call()
    return caught.value.argument, str(caught.value)


def test_answers_are_typed(client: Codex, project: Path) -> None:
    started = client.api.thread.start(
        cwd=project,
        approval_policy=types.AskForApprovalValue.never,
        config={"model_verbosity": "low"},
    )
    assert type(started) is types.ThreadStartResponse
    assert started.cwd == str(project)
    thread_id = started.thread.id
    goal = client.api.thread.goal.set(thread_id=thread_id, objective="Done", status="paused").goal
    assert goal.status is types.ThreadGoalStatus.paused
    assert client.api.thread.goal.get(thread_id=thread_id).goal == goal
    assert client.api.thread.goal.clear(thread_id=thread_id).cleared
    assert client.api.thread.loaded.list().data == [thread_id]


def test_a_name_can_be_a_method_and_a_group(client: Codex, project: Path) -> None:
    assert client.api.command.exec(command=["true"], cwd=project, timeout=20).exit_code == 0
    with pytest.raises(JsonRpcError, match="no active command"):
        client.api.command.exec.terminate(process_id="none")
    (project / "name.txt").write_text("x")
    found = client.api.fuzzy_file_search(query="name", roots=[str(project)])
    assert [file.path for file in found.files] == ["name.txt"]
    assert dir(client.api.command.exec) == ["resize", "terminate", "write"]
    assert client.api.external_agent_config.import_.read_histories().data == []


def test_a_payload_can_be_given_back(client: Codex, project: Path) -> None:
    thread_id = client.api.thread.start(cwd=project).thread.id
    text = types.TextUserInput(type="text", text="Hello.")
    turn = client.api.turn.start(thread_id=thread_id, input=[text, {"type": "text", "text": "x"}])
    assert turn.turn.status is types.TurnStatus.in_progress


def test_none_is_a_value_where_the_protocol_says_so(client: Codex, project: Path) -> None:
    thread = client.thread_start(cwd=project)
    thread.run("Hi.")
    thread_id = thread.id
    section = client.api.thread_section.create(name="Section").section
    moved = client.api.thread.section.move(thread_id=thread_id, section_id=section.id)
    assert moved is not None
    client.api.thread.section.move(thread_id=thread_id, section_id=None)


BAD: list[tuple[Callable[[Any], Any], str, str]] = [
    (lambda api: api.thread.goal.set(threadid="x"), "threadid", "it is called thread_id"),
    (lambda api: api.thread.goal.set(colour="x"), "colour", "it takes objective, origin"),
    (lambda api: api.thread.goal.set(), "thread_id", "needs it: a string"),
    (lambda api: api.thread.goal.set(thread_id=3), "thread_id", "must be a string, not 3"),
    (lambda api: api.thread.read("x"), "params", "keyword arguments only"),
    (lambda api: api.thread.list(sort_direction="up"), "sort_direction", 'asc, desc, not "up"'),
    (lambda api: api.thread.list(limit=-1), "limit", "0 or more, not -1"),
    (lambda api: api.thread.list(limit=True), "limit", "0 or more, not true or false"),
    (lambda api: api.thread.list(limit=1.5), "limit", "0 or more, not 1.5"),
    (lambda api: api.thread.list(source_kinds="cli"), "source_kinds", "must be a list"),
    (lambda api: api.thread.list(archived="yes"), "archived", "must be true or false"),
    (
        lambda api: api.turn.start(thread_id="x", input=[{"type": "tex", "text": "a"}]),
        "input[0].type",
        "one of text, image",
    ),
    (
        lambda api: api.turn.start(thread_id="x", input=[{"type": "text"}]),
        "input[0].text",
        "input[0] needs it: a string",
    ),
    (
        lambda api: api.turn.start(
            thread_id="x", input=[], sandbox_policy={"type": "workspaceWrite", "net": True}
        ),
        "sandbox_policy.net",
        "networkAccess",
    ),
    (
        lambda api: api.thread.start(approval_policy="on-failure"),
        "approval_policy",
        "on-request, never",
    ),
    (lambda api: api.account.login.start(type="apikey"), "type", "one of apiKey, chatgpt"),
    (lambda api: api.account.login.start(type="apiKey"), "api_key", "needs it"),
    (lambda api: api.account.logout(now=True), "now", "takes no parameters"),
    (lambda api: api.thread.loaded.list(extra=3), "extra", "must be a dict"),
    (lambda api: api.thread.loaded.list(timeout="soon"), "timeout", "number of seconds"),
]


def test_bad_arguments(client: Codex) -> None:
    for call, argument, says in BAD:
        named, message = refusal(lambda call=call: call(client.api))
        assert named == argument
        assert message.startswith(f"{argument}: ")
        assert says in message
    # Nothing was sent, and the client goes on.
    assert client.api.thread.loaded.list().data == []


def test_no_secret_gets_into_a_refusal(client: Codex) -> None:
    secret = "sk-proj-0123456789abcdefghijklmnop"
    _, message = refusal(lambda: client.api.account.login.start(type=secret))
    assert secret not in message
    _, message = refusal(lambda: client.api.thread.list(sort_key=secret))
    assert secret not in message


def test_extra_is_sent_unchecked(client: Codex) -> None:
    # An unknown field is ignored by the engine; a wrong one is refused by it, not by us.
    assert client.api.thread.loaded.list(extra={"brand_new": 1}).data == []
    with pytest.raises(JsonRpcError, match="invalid type"):
        client.api.thread.loaded.list(extra={"limit": "many"})


def test_unknown_names(client: Codex) -> None:
    with pytest.raises(AttributeError, match="has no method or group 'gaol'"):
        client.api.thread.gaol  # noqa: B018
    assert not hasattr(client.api, "__await__")
    assert repr(client.api.thread.goal.set) == "<the protocol's thread/goal/set>"
    assert "thread_id=" in (client.api.thread.goal.set.__doc__ or "")


async def test_the_asynchronous_client(async_codex: Callable[..., AsyncCodex]) -> None:
    codex = async_codex(always("Hi."))
    async with codex:
        answers = await asyncio.gather(*(codex.api.thread.loaded.list() for _ in range(5)))
        assert [answer.data for answer in answers] == [[]] * 5
        with pytest.raises(InvalidArgumentError, match="it is called thread_id"):
            await codex.api.thread.read(threadid="x")  # pyright: ignore
        with pytest.raises(InvalidArgumentError) as caught:
            await codex.api.thread.list(sort_key="colour")  # pyright: ignore
        assert caught.value.argument == "sort_key"


def test_the_engines_requests_are_typed(codex: Callable[..., Codex], project: Path) -> None:
    asked = []

    def decide(method: str, params: dict[str, Any]) -> Any:
        asked.append(protocol.request_params(method, params))
        return protocol.request_answer(method, {"decision": "decline"})

    risky = command("true", sandbox_permissions="require_escalated", justification="to try")
    script = {"replies": [reply(risky), reply("No.")]}
    client = codex(script, approval_handler=decide)
    thread = client.thread_start(cwd=project, extra={"approval_policy": "on-request"})
    assert thread.run("Try.").final_response == "No."
    assert [type(params) for params in asked] == [types.CommandExecutionRequestApprovalParams]
    assert asked[0].reason == "to try"
    assert protocol.request_params("brand/new", {"a": 1}) == {"a": 1}


def methods_of_the_stub() -> dict[str, ast.ClassDef]:
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


@pytest.mark.parametrize("root", ["Api", "AsyncApi"])
def test_the_stub_and_the_runtime_have_the_same_methods(root: str) -> None:
    classes = methods_of_the_stub()
    declared: dict[str, set[str]] = {}

    def read(name: str, path: str) -> None:
        for node in classes[name].body:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            below = path if node.name == "__call__" else f"{path}.{node.name}".strip(".")
            if "property" in map(ast.unparse, node.decorator_list):
                assert node.returns is not None
                read(ast.unparse(node.returns), below)
            elif node.name != "__init__":
                names = {argument.arg for argument in node.args.kwonlyargs}
                declared.setdefault(below, set()).update(names)

    def real(group: Any, path: str) -> dict[str, set[str]]:
        found = {}
        if callable(group):
            found[path] = {*protocol._fields(group._path), "extra", "timeout"}
        for name in dir(group) if hasattr(type(group), "__getattr__") else ():
            found |= real(getattr(group, name), f"{path}.{name}".strip("."))
        return found

    read(root, "")
    assert declared == real(protocol._Group(None), "")
    assert len(declared) == len(registry.RESPONSES) == 187


def test_importing_the_package_loads_no_protocol() -> None:
    import subprocess
    import sys

    code = "import codexkit, sys; print([m for m in sys.modules if m.startswith('codexkit.')])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT / "python",
    )
    assert "codexkit.protocol" not in done.stdout
    assert codexkit.__version__
