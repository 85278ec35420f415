"""Tools in Python, on the real engine."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

import pytest
from pydantic import BaseModel, Field

from codexkit import AsyncCodex, Codex, InvalidArgumentError, Tool, ToolContext, ToolRegistry, tool
from codexkit.tools import Image
from conftest import add, reply


class Place(TypedDict):
    street: str


class Person(BaseModel):
    name: str


@dataclass
class Order:
    person: Person
    place: Place
    size: Literal["small", "large"] = "small"


PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\xdacd\xf8\xcfP\x0f\x00\x03\x86\x01\x80Z4}k\x00\x00\x00\x00IEND\xaeB`\x82"
)


def call(name: str, **arguments: Any) -> dict[str, Any]:
    """A model's call of a tool."""
    return {"call": {"name": name, "arguments": arguments}}


def outputs(client: Any) -> list[str]:
    """What the model reads of the calls."""
    items = client.model.requests[-1]["body"]["input"]
    found = [item["output"] for item in items if item["type"] == "function_call_output"]
    return [text if isinstance(text, str) else text[-1].get("text", str(text)) for text in found]


@pytest.fixture
def codex(scripted: Any) -> Iterator[Callable[..., Any]]:
    """Starts a client, with its model as `model`."""
    with ExitStack() as stack:

        def start(script: Any) -> Any:
            model, config = scripted(script)
            client: Any = stack.enter_context(Codex(config))
            client.model = model
            return client

        yield start


def test_the_model_calls_a_function(codex: Callable[..., Any]) -> None:
    client = codex({"replies": [reply(call("add", a=1, b=2)), reply("done")]})
    registry = ToolRegistry([add])
    thread = client.thread_start(tools=registry)
    result = thread.run("go")
    assert result.final_response == "done"
    assert any(item.type == "dynamicToolCall" for item in result.items)
    assert outputs(client) == ['{"sum":3}']
    metrics = registry.metrics()["add"]
    assert (metrics.calls, metrics.successes, metrics.running) == (1, 1, 0)
    assert metrics.last_latency_ms > 0
    assert add(2, 3) == {"sum": 5}


def test_what_goes_wrong_is_a_result_that_the_model_reads(codex: Callable[..., Any]) -> None:
    @tool
    def fails() -> None:
        """Fails."""
        raise ValueError("no paper")

    @tool(timeout=0.05)
    def slow() -> None:
        """Takes long."""
        threading.Event().wait(30)

    @tool
    def odd() -> object:
        """Gives what has no form in JSON."""
        return object()

    calls = [call("add", a="one", c=3), call("fails"), call("slow"), call("odd")]
    client = codex({"replies": [*(reply(one) for one in calls), reply("done")]})
    thread = client.thread_start(tools=[add, fails, slow, odd])
    assert thread.run("go").final_response == "done"
    read = outputs(client)
    assert "at $.a" in read[0]
    assert read[1] == "ValueError: no paper"
    assert read[2] == "the tool gave no result within 0.05 s"
    assert "object" in read[3]


def test_typed_arguments_context_and_results(codex: Callable[..., Any]) -> None:
    seen: list[Any] = []

    @tool(namespace="shop", description="Orders.")
    def order(order: Order, context: ToolContext, count: int = 1) -> Person:
        seen.extend([order, context, count, context.cancelled])
        return order.person

    arguments = {"order": {"person": {"name": "Ada"}, "place": {"street": "x"}}}
    grouped = {"call": {"namespace": "shop", "name": "order", "arguments": arguments}}
    client = codex({"replies": [reply(grouped), reply("done")]})
    client.tools.register(order)
    client.tools.describe("shop", "The shop.")
    thread = client.thread_start()
    thread.run("go")
    assert seen[0] == Order(Person(name="Ada"), {"street": "x"}, "small")
    assert (seen[1].thread_id, seen[1].tool, seen[1].namespace) == (thread.id, "order", "shop")
    assert seen[2:] == [1, False]
    assert outputs(client) == ['{"name":"Ada"}']
    assert "context" not in order.parameters["properties"]


def test_images_and_parts(codex: Callable[..., Any], home: Path) -> None:
    file = home / "pixel.png"
    file.write_bytes(PIXEL)

    @tool
    def look() -> list[Any]:
        """Looks."""
        return ["a pixel", Image.from_path(file), {"width": 1}]

    client = codex({"replies": [reply(call("look")), reply("done")]})
    client.thread_start(tools=[look]).run("go")
    (item,) = (
        item
        for item in client.model.requests[-1]["body"]["input"]
        if item["type"] == "function_call_output"
    )
    kinds = [part["type"] for part in item["output"]]
    assert kinds == ["input_text", "input_image", "input_text"]
    with pytest.raises(InvalidArgumentError, match="from_path"):
        Image("pixel.png")


async def test_coroutines_run_on_the_loop_and_are_cancelled(
    async_codex: Callable[..., AsyncCodex],
) -> None:
    loops: list[Any] = []
    started, cancelled = asyncio.Event(), asyncio.Event()

    @tool
    async def waits(context: ToolContext) -> None:
        """Waits."""
        loops.append(asyncio.get_running_loop())
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            assert context.cancelled
            cancelled.set()
            raise

    async with async_codex({"replies": [reply(call("waits")), reply("done")]}) as client:
        registry = ToolRegistry([waits])
        thread = await client.thread_start(tools=registry)
        turn = await thread.turn("go")
        await asyncio.wait_for(started.wait(), 20)
        await turn.interrupt()
        await asyncio.wait_for(cancelled.wait(), 20)
        assert loops == [asyncio.get_running_loop()]
        assert registry.metrics()["waits"].cancelled == 1


async def test_a_slow_function_does_not_hold_the_loop(
    async_codex: Callable[..., AsyncCodex],
) -> None:
    waiting, free = threading.Event(), threading.Event()

    @tool
    def blocks() -> str:
        """Blocks."""
        waiting.set()
        return "free" if free.wait(30) else "stuck"

    async with async_codex({"replies": [reply(call("blocks")), reply("done")]}) as client:
        thread = await client.thread_start(tools=[blocks])
        running = asyncio.create_task(thread.run("go"))
        await asyncio.to_thread(waiting.wait, 20)
        free.set()
        assert (await running).final_response == "done"


def test_resumed_threads_have_their_tools_and_new_ones(codex: Callable[..., Any]) -> None:
    @tool
    def new() -> str:
        """Is new."""
        return "fresh"

    grouped = {"call": {"namespace": "mcp__codexkit_tools", "name": "new", "arguments": {}}}
    client = codex(
        {
            "rules": [
                {
                    "when": {"prompt_contains": "first"},
                    "replies": [reply(call("add", a=1, b=2)), reply("one")],
                },
                {
                    "when": {"prompt_contains": "again"},
                    "replies": [reply(call("add", a=3, b=4), grouped), reply("two")],
                },
            ]
        }
    )
    thread = client.thread_start(tools=[add])
    assert thread.run("first").final_response == "one"
    forked = client.thread_fork(thread.id, tools=[add, new])
    assert forked.run("again").final_response == "two"
    assert sorted(outputs(client)) == ["fresh", '{"sum":3}', '{"sum":7}']


def test_the_registry(codex: Callable[..., Any]) -> None:
    client = codex({"replies": [reply("hi")]})
    assert len(client.tools) == 0
    client.tools.register(add)
    assert client.tools.list() == [add]
    assert client.tools.get("add") is add
    assert "add" in client.tools
    with pytest.raises(InvalidArgumentError, match="there is a tool of this name"):
        client.tools.register(add)
    other = Tool(lambda a: a, name="add", description="d", parameters={"type": "object"})
    assert client.tools.replace(other) is add
    assert client.tools.remove("add") is other
    assert client.tools.remove("add") is None


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: tool(lambda x: x), "has no type hint"),
        (lambda: Tool(_no_doc), "description"),
        (lambda: Tool(_no_doc, description="d", name="a b"), "name"),
        (lambda: Tool(_no_doc, description="d", timeout=0), "timeout"),
        (lambda: Tool(_no_doc, description="d", max_concurrency=0), "max_concurrency"),
        (lambda: Tool(_no_doc, description="d", parameters={"typ": "x"}), "parameters"),
        (lambda: Tool(_odd, description="d"), "x"),
        (lambda: Tool(_many, description="d"), "any number of values"),
        (lambda: Tool(_generator, description="d"), "generator"),
        (lambda: Tool(3), "expected a function"),  # pyright: ignore[reportArgumentType]
        (lambda: ToolRegistry(add), "put it into a list"),  # pyright: ignore[reportArgumentType]
        (lambda: ToolRegistry([_no_doc]), "put @tool above it"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_what_cannot_be_is_refused_where_it_is_declared(
    make: Callable[[], object], words: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        make()


def _no_doc() -> None: ...


def _odd(x: complex) -> None: ...


def _many(*x: int) -> None: ...


def _generator() -> Any:
    yield 1


class _Address(TypedDict):
    street: Annotated[str, "street and number"]


def test_schemas_say_what_hints_and_docstrings_say() -> None:
    @tool
    def everything(
        text: str,
        number: float,
        limited: Annotated[int, Field(ge=1, le=10)],
        choice: Literal["a", "b"],
        maybe: str | None = None,
        several: list[int] = [],  # noqa: B006
        where: _Address | None = None,
    ) -> None:
        """Takes everything.

        More about it.

        :param text: The text.
        """

    assert everything.description == "Takes everything.\n\nMore about it."
    properties = everything.parameters["properties"]
    assert properties["text"] == {"type": "string", "description": "The text."}
    assert properties["limited"] == {"type": "integer", "minimum": 1, "maximum": 10}
    assert properties["choice"] == {"type": "string", "enum": ["a", "b"]}
    assert properties["maybe"] == {"type": ["string", "null"]}
    assert everything.parameters["required"] == ["text", "number", "limited", "choice"]
    json.dumps(everything.parameters)
