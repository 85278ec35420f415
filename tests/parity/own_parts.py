"""What a scenario names and a program has as functions, for both Python runners of codexkit.

Tools, who answers, guardrails, checks and hooks of auto-runs. The same behaviours as in own.mjs and in
xtask/src/parity/rust/parts.rs.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import time
from collections.abc import Callable
from typing import Annotated, Any

import codexkit_views as views
from steps import Json

import codexkit
from codexkit import ToolContext, approvals

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
_POLICIES: dict[str, Callable[[Json], Any]] = {
    "commands": lambda link: approvals.commands(
        *link.get("prefixes", []), deny=link.get("deny", False)
    ),
    "edits_inside": lambda link: approvals.edits_inside(*link["folders"]),
    "read_only_commands": lambda link: approvals.read_only_commands(),
    "deny_all": lambda link: approvals.deny_all(),
}


class Parts:
    """The functions of one scenario, and what they were told, in the order of their calls."""

    def __init__(self, scenario: Json, *, is_async: bool) -> None:
        self.told: list[Json] = []
        self.threads: dict[str, codexkit.Tool] = {}
        self.registries: dict[str, codexkit.ToolRegistry] = {}
        self.files: dict[str, Any] = {}
        self.continuations: dict[str, str] = {}
        self._declared: Json = scenario.get("tools", {})
        self._is_async = is_async

    def options(self, step: Json) -> Json:
        """What a thread or a turn has of its own, by its step, as keyword arguments."""
        options: Json = dict(self._handlers(step.get("handlers", {})))
        if "tools" in step:
            self.registries[step["as"]] = codexkit.ToolRegistry(self.tools(step["tools"]))
            options["tools"] = self.registries[step["as"]]
        for name in ("input_guardrails", "output_guardrails"):
            if name in step:
                options[name] = [self._guardrail(name, rule) for rule in step[name]]
        if "output" in step:
            options["output_type"] = step["output"]["schema"]
            options["output_repairs"] = step["output"].get("repairs", 0)
        return options

    def tools(self, keys: list[str]) -> list[codexkit.Tool]:
        """The tools of these names: those that are threads, and those that the scenario declares."""
        return [self.threads.get(key) or self._tool(key, self._declared[key]) for key in keys]

    def change_tools(self, step: Json) -> Json:
        """Register, replace or remove tools of a thread."""
        registry = self.registries[step["thread"]]
        for key in step.get("remove", []):
            registry.remove(key)
        for tool in self.tools(step.get("replace", [])):
            registry.replace(tool)
        for tool in self.tools(step.get("register", [])):
            registry.register(tool)
        return {"tools": [tool.key for tool in registry]}

    def keep_tool(self, step: Json, tool: codexkit.Tool) -> Json:
        """Keep a thread's tool."""
        self.threads[step["as"]] = tool
        return {"tool": tool.key, "parameters": tool.parameters}

    def handoff(self, step: Json) -> Json:
        """Make a handoff."""
        made = codexkit.Handoff(step["as"], step["description"], history=step.get("history"))
        return {**self.keep_tool(step, made), "description": made.description}

    def bind(self, step: Json, thread: Any) -> Json:
        """Say whose agent it is."""
        handoff = self.threads[step["handoff"]]
        assert isinstance(handoff, codexkit.Handoff)
        handoff.bind(thread)
        return {}

    def _tool(self, key: str, declared: Json) -> codexkit.Tool:
        def forecast(city: str, days: int, context: ToolContext) -> Any:
            return _behave(declared["behaviour"], city, days, context)

        def plain(
            city: Annotated[str, "The city's name."],
            context: ToolContext,
            days: Annotated[int, "For how many days."] = 1,
        ) -> Any:
            """Tells the weather of a city."""
            while declared["behaviour"] == "slow" and not context.cancelled:
                time.sleep(0.01)
            return forecast(city, days, context)

        async def coroutine(city: str, context: ToolContext, days: int = 1) -> Any:
            """Tells the weather of a city.

            Args:
                city: The city's name.
                context: Where the call comes from.
                days: For how many days.
            """
            if declared["behaviour"] == "slow":
                await asyncio.Event().wait()
            return forecast(city, days, context)

        options: Json = {"name": declared.get("name", key)}
        if "namespace" in declared:
            options["namespace"] = declared["namespace"]
        if "timeout_ms" in declared:
            options["timeout"] = declared["timeout_ms"] / 1000
        return codexkit.tool(**options)(coroutine if self._is_async else plain)

    def _handlers(self, handlers: Json) -> Json:
        options: Json = {}
        if "on_approval" in handlers:
            options["on_approval"] = [self._approval(link) for link in handlers["on_approval"]]
        if "on_question" in handlers:
            answers = handlers["on_question"]["answers"]
            options["on_question"] = self._handler("on_question", answers)
        if "on_elicitation" in handlers:
            answer = handlers["on_elicitation"].get("accept", "decline")
            options["on_elicitation"] = self._handler("on_elicitation", answer)
        return options

    def _approval(self, link: Json) -> Any:
        if "policy" in link:
            return _POLICIES[link["policy"]](link)
        return self._handler("on_approval", decision(link))

    def _handler(self, what: str, answer: Any) -> Any:
        def handle(request: Any) -> Any:
            shown = _camel(dataclasses.asdict(request))
            del shown["params"]
            self.told.append({"what": what, "request": shown})
            return answer

        return self._function(handle)

    def _guardrail(self, stage: str, rule: Json) -> Any:
        def guard(given: Any) -> Any:
            seen = given if stage == "input_guardrails" else given.final_response
            if rule.get("contains", "") not in seen:
                return None
            if "replace" in rule:
                return rule["replace"]
            if "fails" in rule:
                raise ValueError(rule["fails"])
            return codexkit.reject(rule["reject"])

        guardrail = self._function(guard)
        guardrail.__name__ = guardrail.__qualname__ = rule["name"]
        return guardrail

    def _function(self, plain: Callable[[Any], Any]) -> Any:
        """The function as its client may have it: a coroutine for the asynchronous one."""
        if not self._is_async:
            return plain

        async def function(given: Any) -> Any:
            await asyncio.sleep(0)
            return plain(given)

        return function

    def auto_options(self, step: Json) -> Json:
        """How an auto-run works, as keyword arguments."""
        options: Json = dict(step.get("options", {}))
        if "retry" in options:
            options["retry"] = codexkit.RetryPolicy(**options["retry"])
        until = step.get("until")
        if until is not None:
            options["until"] = self._until(until)
        for at in dict.fromkeys(hook["at"] for hook in step.get("hooks", [])):
            options[at] = self._hook(at, [hook for hook in step["hooks"] if hook["at"] == at])
        return options

    def _until(self, until: Any) -> Any:
        if isinstance(until, str):
            return until
        if "command" in until:
            return codexkit.ShellCheck(**until)
        if "criteria" in until:
            return codexkit.VerdictCheck(**until)

        def is_done(result: codexkit.TurnResult | None) -> bool | str:
            said = None if result is None else result.final_response
            self.told.append({"what": "check", "said": said})
            return True if until["says"] in (said or "") else until.get("else", False)

        return self._function(is_done)

    def _hook(self, at: str, hooks: list[Json]) -> Any:
        def answer(turn: int | None, facts: Json) -> Any:
            self.told.append({"what": at, **facts})
            due = (hook for hook in hooks if hook.get("turn", turn) == turn)
            return next(due, {}).get("answer")

        def of_turn(step: Any) -> Any:
            facts: Json = {"turn": step.turn, "tokens": views.dump(step.tokens)}
            if at == "before_turn":
                facts["prompt"] = step.prompt
            else:
                facts["said"] = step.result.final_response
            return answer(step.turn, facts)

        def before_tool(call: Any) -> Any:
            return answer(None, {"tool": call.tool, "arguments": call.arguments})

        def after_tool(call: Any, result: Any) -> Any:
            shown = {"tool": call.tool, "text": result.text, "isError": result.is_error}
            return answer(None, shown)

        functions: dict[str, Any] = {"before_tool": before_tool, "after_tool": after_tool}
        return functions.get(at, of_turn)

    def run(self, step: Json, events: list[Json], result: codexkit.AutoRunResult) -> Json:
        """The record of an auto-run."""
        if "as" in step and result.continuation is not None:
            self.continuations[step["as"]] = result.continuation
        shown: Json = {}
        for name in type(result).__slots__:
            value = getattr(result, name)
            if name == "tokens":
                value = views.dump(value)
            elif name == "last":
                value = value and {
                    "status": getattr(value.status, "value", value.status),
                    "finalResponse": value.final_response,
                }
            elif name == "history":
                value = [_turn(turn) for turn in value]
            elif name == "handoffs":
                value = [_plain(made) for made in value]
            shown[_camel_name(name)] = value
        return {"events": [one for one in events if is_own(one)], "run": shown}


def is_own(event: Json) -> bool:
    """Whether it is an auto-run's own event."""
    return event["method"].startswith("codexkit/autoRun/")


def decision(answer: Json) -> Any:
    """What a function says to an approval; None is no opinion."""
    word = answer.get("decision")
    if word == "decline":
        return approvals.Decision.decline(answer.get("reason"))
    return approvals.Decision.later() if word == "later" else word


def staged(step: Json) -> tuple[bytes, str]:
    """The bytes and the name of a file: a text, or the pixel."""
    if "text" in step:
        return step["text"].encode(), step["name"]
    return base64.b64decode(PIXEL), step["name"]


def attachment(file: Any) -> Json:
    """The record of a staged file."""
    names = ("name", "id", "sha256", "size", "media_type", "is_image")
    return {_camel_name(name): getattr(file, name) for name in names}


def map_items(step: Json) -> list[Any]:
    """The items of a map."""
    return [
        item if isinstance(item, str) else codexkit.MapItem(item["prompt"], id=item["id"])
        for item in step["items"]
    ]


def map_result(result: codexkit.MapResult) -> Json:
    """The record of one item."""
    return {
        "index": result.index,
        "id": result.id,
        "status": result.status,
        "threadId": result.thread_id,
        "finalResponse": result.final_response,
        "fromJournal": result.from_journal,
        "total": result.progress.total,
        "error": None if result.error is None else views.error(result.error),
    }


def typed(result: codexkit.TurnResult[Any]) -> Json:
    """The record of a run whose answer has a type."""
    return {
        "parsed": result.parsed,
        "finalResponse": result.final_response,
        "attempts": [turn.final_response for turn in result.attempts],
    }


def _behave(behaviour: str, city: str, days: int, context: ToolContext) -> Any:
    said = f"Rain in {city} for {days} days."
    image = codexkit.tools.Image.from_bytes(base64.b64decode(PIXEL))
    if behaviour == "fails":
        raise ValueError(f"there is no weather in {city}")
    known = bool(context.thread_id and context.turn_id)
    results: Json = {
        "text": said,
        "json": {"city": city, "days": days, "degrees": [7, 9.5], "rain": True},
        "image": image,
        "parts": [said, image],
        "nothing": None,
        "context": {"call": context.call_id, "tool": context.tool, "known": known},
        "slow": "too late",
    }
    return results[behaviour]


def _plain(record: Any) -> Json:
    return {_camel_name(name): getattr(record, name) for name in type(record).__slots__}


def _turn(turn: codexkit.AutoRunTurn) -> Json:
    shown = _plain(turn)
    shown["tokens"] = views.dump(turn.tokens)
    return shown


def _camel_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _camel(value: Any) -> Any:
    """A dataclass as the other languages show it: names in camelCase, but not those within the protocol's values."""
    if isinstance(value, dict):
        own = ("questions", "options", "changes")
        return {
            _camel_name(name): _camel(inner) if name in own else inner
            for name, inner in value.items()
        }
    return [_camel(inner) for inner in value] if isinstance(value, (list, tuple)) else value
