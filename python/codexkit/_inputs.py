"""What a turn can be given: text, images, skills, mentions, external content.

Turns the values of the public classes into the wire's objects. Whether a value makes sense (a
missing file, an empty prompt) is checked by the core.
"""

from __future__ import annotations

from ._record import Record
from .errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike
    from typing import Any, TypeAlias

    from .files import Attachment


class TextInput(Record):
    """Text for a turn or for steering one."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        """Make a text.

        Args:
            text: The text.
        """
        self.text = text


class ImageInput(Record):
    """An image given by URL, usually a ``data:`` URL."""

    __slots__ = ("url",)

    def __init__(self, url: str) -> None:
        """Make an image from a URL.

        Args:
            url: The URL. The engine takes ``data:`` URLs and fetches nothing from the web.
        """
        self.url = url


class LocalImageInput(Record):
    """An image in a local file."""

    __slots__ = ("path",)

    def __init__(self, path: str | PathLike[str]) -> None:
        """Make an image from a file.

        Args:
            path: The file; it must exist when the turn is started.
        """
        self.path = path


class SkillInput(Record):
    """A skill, by name and by the path of its ``SKILL.md``."""

    __slots__ = ("name", "path")

    def __init__(self, name: str, path: str | PathLike[str]) -> None:
        """Make a skill.

        Args:
            name: The skill's name.
            path: Where its ``SKILL.md`` is.
        """
        self.name = name
        self.path = path


class MentionInput(Record):
    """A mention of a file, an app or another resource, by name and path."""

    __slots__ = ("name", "path")

    def __init__(self, name: str, path: str | PathLike[str]) -> None:
        """Make a mention.

        Args:
            name: What is shown.
            path: What is meant.
        """
        self.name = name
        self.path = path


class ExternalMessage(Record):
    """Content from another agent, tool or application, with a tool's authority.

    It ranks below what users and developers say and authorises nothing. Give it as the whole input
    of ``thread.run()`` or ``thread.turn()``.
    """

    __slots__ = ("content", "namespace", "tool_name")

    def __init__(
        self,
        tool_name: str,
        content: str | Sequence[Mapping[str, Any]],
        namespace: str | None = None,
    ) -> None:
        """Make an external message.

        Args:
            tool_name: The tool that delivers the content.
            content: Text, or content items as the Responses API has them in a function's output.
            namespace: The tool's namespace.
        """
        self.tool_name = tool_name
        self.content = content
        self.namespace = namespace


if TYPE_CHECKING:
    InputItem: TypeAlias = (
        TextInput | ImageInput | LocalImageInput | SkillInput | MentionInput | Attachment
    )
    """One part of an input."""
    Input: TypeAlias = Sequence[InputItem | str | Mapping[str, Any]] | InputItem
    """A part, or a list of parts; a string or a dict of the protocol may stand for a part."""
    RunInput: TypeAlias = Input | str | ExternalMessage
    """What a turn can be started with: text, parts, or one external message."""
else:
    InputItem = TextInput | ImageInput | LocalImageInput | SkillInput | MentionInput
    Input = list[InputItem] | InputItem
    RunInput = Input | str | ExternalMessage


def wire_item(item: Any) -> Any:
    """One input as the wire's object.

    Args:
        item: An instance of an input class, a string, or a ready wire object (a dict).

    Returns:
        The wire's object.

    Raises:
        InvalidArgumentError: For anything else.
    """
    if isinstance(item, str):
        return {"type": "text", "text": item}
    if isinstance(item, TextInput):
        return {"type": "text", "text": item.text}
    if isinstance(item, ImageInput):
        return {"type": "image", "url": item.url}
    if isinstance(item, LocalImageInput):
        return {"type": "localImage", "path": item.path}
    if isinstance(item, SkillInput):
        return {"type": "skill", "name": item.name, "path": item.path}
    if isinstance(item, MentionInput):
        return {"type": "mention", "name": item.name, "path": item.path}
    if isinstance(item, dict) or hasattr(item, "model_dump"):
        return item
    raise InvalidArgumentError(
        f"input: {type(item).__name__} is no input; give a string, TextInput, ImageInput, "
        "LocalImageInput, SkillInput, MentionInput, Attachment, or a list of these",
        argument="input",
    )


def wire_input(input: Any) -> list[Any]:
    """Any input but an external message, as the wire's list.

    Args:
        input: One input or a list or tuple of them.

    Returns:
        The wire's objects.

    Raises:
        InvalidArgumentError: For a value that is no input.
    """
    items = input if isinstance(input, (list, tuple)) else [input]
    return [part for item in items for part in _wire_parts(item)]


def _wire_parts(item: Any) -> list[Any]:
    """One input as the wire's objects: an attachment knows its own, which may be two."""
    parts = getattr(item, "_wire_parts", None)
    return [wire_item(item)] if parts is None else parts()


def wire_turn_input(input: Any) -> tuple[list[Any], dict[str, Any] | None]:
    """The input of a turn: the wire's list, and what goes into ``toolOutput``.

    Args:
        input: Any input.

    Returns:
        The list, and the tool output of an :class:`ExternalMessage` or ``None``.

    Raises:
        InvalidArgumentError: For a value that is no input, or a message without a tool's name.
    """
    if not isinstance(input, ExternalMessage):
        return wire_input(input), None
    if not isinstance(input.tool_name, str) or not input.tool_name.strip():
        raise InvalidArgumentError(
            "ExternalMessage.tool_name must be a nonempty string", argument="tool_name"
        )
    output: dict[str, Any] = {"name": input.tool_name, "output": input.content}
    if input.namespace is not None:
        output["namespace"] = input.namespace
    return [], output
