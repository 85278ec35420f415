"""A function's parameters as a schema, and the model's arguments as what the hints say."""

from __future__ import annotations

import inspect
import typing
from typing import TYPE_CHECKING, Any

from ._check import refuse
from ._schema import Field, Reading, Struct, read
from .errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Parameters:
    """What a function takes.

    Attributes:
        name: The function's name.
        description: The beginning of its docstring.
        schema: The JSON Schema of its arguments.
        context: The parameter that gets the context, if there is one.
    """

    def __init__(
        self,
        name: str,
        description: str,
        schema: dict[str, Any],
        reading: Reading | None,
        context: str | None,
    ) -> None:
        """Made by :func:`declared`."""
        self.name = name
        self.description = description
        self.schema = schema
        self.context = context
        self._reading = reading

    def keywords(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The keyword arguments of a call.

        Args:
            arguments: The model's, which follow the schema.

        Returns:
            The same as objects of the hinted types.

        Raises:
            ConvertError: If a type refuses what its schema takes.
        """
        return arguments if self._reading is None else self._reading.convert(arguments)


def declared(
    function: Callable[..., Any], schema: Mapping[str, Any] | None, context: type
) -> Parameters:
    """Reads a function.

    Args:
        function: The function.
        schema: The schema of its arguments, if it is not to be read.
        context: The type whose parameter gets the context.

    Returns:
        What it takes.

    Raises:
        InvalidArgumentError: For parameters without a form in JSON.
    """
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        refuse("function", "a tool gives one result; this is a generator")
    name = getattr(function, "__name__", type(function).__name__)
    description, said = _docstring(function)
    hints = _hints(function, name, schema is None)
    fields: dict[str, Field] = {}
    taken: str | None = None
    for parameter in inspect.signature(function).parameters.values():
        hint = hints.get(parameter.name, ...)
        if _is_context(hint, context):
            taken = parameter.name
        elif schema is None:
            fields[parameter.name] = _field(name, parameter, hint, said.get(parameter.name))
    if schema is not None:
        if not isinstance(schema, dict):
            refuse("parameters", f"expected a JSON Schema as a dict, not {schema!r}")
        return Parameters(name, description, schema, None, taken)
    try:
        reading = read(Struct(name, fields), "function")
    except InvalidArgumentError as error:
        refuse("function", f"{name}(): {error}")
    return Parameters(name, description, reading.schema, reading, taken)


def _field(name: str, parameter: inspect.Parameter, hint: Any, said: str | None) -> Field:
    where = f"{name}(): the parameter {parameter.name!r}"
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        refuse("function", f"{where} takes any number of values; name each, or give `parameters`")
    if parameter.kind is parameter.POSITIONAL_ONLY:
        refuse("function", f"{where} is positional-only; tools are called by keyword")
    if hint is ...:
        own = "; make a tool of the bound method" if parameter.name == "self" else ""
        refuse("function", f"{where} has no type hint{own}")
    if parameter.default is parameter.empty:
        return Field(hint, True, ..., said)
    return Field(hint, False, parameter.default, said)


def _hints(function: Any, name: str, needed: bool) -> dict[str, Any]:
    target = function if inspect.isroutine(function) else type(function).__call__
    try:
        return typing.get_type_hints(target, include_extras=True)
    except Exception as error:
        if not needed:
            return {}
        where = (
            "; types of hints must be at the top of a module"
            if isinstance(error, NameError)
            else ""
        )
        refuse("function", f"{name}(): its type hints cannot be read: {error}{where}")


def _is_context(hint: Any, context: type) -> bool:
    return hint is context or context in typing.get_args(hint)


def _docstring(function: Any) -> tuple[str, dict[str, str]]:
    """What a docstring says of the function, and of its parameters."""
    text = inspect.getdoc(function)
    if not text:
        return "", {}
    from docstring_parser import parse

    parsed = parse(text)
    said = {
        one.arg_name: " ".join(one.description.split()) for one in parsed.params if one.description
    }
    parts = [parsed.short_description, parsed.long_description]
    return "\n\n".join(part.strip() for part in parts if part), said
