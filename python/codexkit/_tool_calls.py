"""Calls of tools: from the native call to the function, and its result back. Whatever goes wrong is a failed result."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ._approvals import hand_on
from ._responders import snake

if TYPE_CHECKING:
    from ._native import ToolCall
    from .tools import Image, Tool, ToolContext, ToolRegistry


class Calls:
    """Runs the calls of one tool of one registry."""

    def __init__(
        self,
        tool: Tool,
        home: ToolRegistry | None,
        context: type[ToolContext],
        image: type[Image],
    ) -> None:
        """For a tool.

        Args:
            tool: The tool.
            home: Its registry, which knows where coroutines run.
            context: The class of contexts.
            image: The class of images.
        """
        self._tool = tool
        self._home = home
        self._context = context
        self._image = image

    def __call__(self, call: ToolCall) -> None:
        """Run one call; called by the native registry on a thread of its own.

        Args:
            call: The call.
        """
        hand_on(
            lambda: self._run(call),
            lambda result: call.respond(self._result(result)),
            lambda error: call.fail(words(error)),
            None if self._home is None else self._home._event_loop,
            call.on_cancelled,
        )

    def _run(self, call: ToolCall) -> Any:
        parameters = self._tool._parameters
        keywords = parameters.keywords(call.arguments())
        if parameters.context is not None:
            fields = {snake(name): value for name, value in call.context().items()}
            context = self._context(**fields)
            context._call = call
            keywords = {**keywords, parameters.context: context}
        return self._tool.function(**keywords)

    def _result(self, result: Any) -> dict[str, Any]:
        several = isinstance(result, (list, tuple)) and any(
            isinstance(part, self._image) for part in result
        )
        parts = result if several else [result]
        return {"content": [self._part(part) for part in parts]}

    def _part(self, part: Any) -> dict[str, Any]:
        if isinstance(part, self._image):
            return {"type": "image", "url": part.url}
        if part is None:
            return {"type": "text", "text": ""}
        if isinstance(part, str):
            return {"type": "text", "text": str(part)}
        return {"type": "json", "value": plain(part)}


def words(error: BaseException) -> str:
    """What the model reads of an exception.

    Args:
        error: The exception.

    Returns:
        Its message, with its type if it says little by itself.
    """
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def plain(value: Any) -> Any:
    """A value without classes: dataclasses and pydantic models as dicts, sets as lists.

    Args:
        value: Any value.

    Returns:
        What the native client writes as JSON; what has no form there is left as it is, and refused there.
    """
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    return value
