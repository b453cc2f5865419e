"""Turning what a file says into typed values, and finding all that is wrong with it at once. Pure.

msgspec stops at the first fault; whoever keeps such a file wants to see them all, each with what to write instead.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect

T = TypeVar("T")
Path = tuple[str | int, ...]
"""Where in a file: ("office", 3, "clerks", 0, "email")."""


class Fault(NamedTuple):
    path: Path
    message: str
    """What is wrong, and what to do."""


def place_of(path: Path, first: int = 1) -> str:
    """In words: "office[4].clerks[1].email". People count from 1, programs from 0."""
    return "".join(f"[{part + first}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read_as(type_: type[T], value: object, faults: list[Fault], path: Path = ()) -> T | None:
    """The value as that type. Null if there was a fault, which is added to `faults` as all others are."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return _read_struct(type_, value, faults, path)
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is tuple and len(arguments) == 2 and isinstance(value, Sequence) and not isinstance(value, str):
        return _read_items(arguments[0], value, faults, path)  # type: ignore[return-value] # T is that tuple
    if origin is dict and isinstance(value, Mapping):
        return _read_entries(arguments, value, faults, path)  # type: ignore[return-value] # T is that dict
    return _read_leaf(type_, value, faults, path)


def _read_struct(type_: type[T], value: object, faults: list[Fault], path: Path) -> T | None:
    if not isinstance(value, Mapping):
        faults.append(Fault(path, "expected a table of fields"))
        return None
    fields = {field.encode_name: field for field in msgspec.structs.fields(type_)}  # type: ignore[arg-type] # the caller saw that it is a Struct
    hints = get_type_hints(type_, include_extras=True)
    before = len(faults)
    faults += [Fault((*path, str(key)), _unknown(str(key), fields)) for key in value if key not in fields]
    faults += [
        Fault((*path, name), f"is missing: {expectation(hints[field.name])}")
        for name, field in fields.items()
        if field.required and name not in value
    ]
    parts = {
        field.name: read_as(hints[field.name], value[name], faults, (*path, name))
        for name, field in fields.items()
        if name in value
    }
    return type_(**parts) if len(faults) == before else None


def _unknown(key: str, fields: Mapping[str, object]) -> str:
    near = get_close_matches(key, fields, n=1)
    return f"is not known here; did you mean “{near[0]}”?" if near else f"is not known here: {', '.join(fields)}"


def _read_items(type_: type[T], values: Sequence[object], faults: list[Fault], path: Path) -> tuple[T | None, ...]:
    return tuple(read_as(type_, value, faults, (*path, index)) for index, value in enumerate(values))


def _read_entries(
    types: tuple[Any, ...], values: Mapping[Any, object], faults: list[Fault], path: Path
) -> dict[Any, object]:
    key_type, value_type = types
    return {
        _read_leaf(key_type, key, faults, (*path, str(key))): read_as(value_type, value, faults, (*path, str(key)))
        for key, value in values.items()
    }


def _read_leaf(type_: type[T], value: object, faults: list[Fault], path: Path) -> T | None:
    if isinstance(value, str) and "\0" in value:  # PostgreSQL's text has no such character
        faults.append(Fault(path, "has a character that is none: write a text"))
        return None
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError:
        said = f"“{value}”" if isinstance(value, str | int | float | bool) else "this"
        faults.append(Fault(path, f"{said} will not do: {expectation(type_)}"))
        return None


def expectation(type_: Any) -> str:
    """What to write, in words."""
    return f"write {_in_words(inspect.type_info(type_))}"


def _in_words(type_: inspect.Type) -> str:
    match type_:
        case inspect.Metadata(extra_json_schema={"description": str(description)}):
            return description
        case inspect.Metadata(type=inner):
            return _in_words(inner)
        case inspect.UnionType(types=types):
            return " or ".join(_in_words(one) for one in types if not isinstance(one, inspect.NoneType))
        case inspect.LiteralType(values=values):
            return f"one of {', '.join(map(str, values))}"
        case inspect.IntType():
            return _number_in_words(type_)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return f"a list, each {_in_words(item)}"
        case _:
            return _PLAIN.get(type(type_), "a value of another form")


_PLAIN: Mapping[type[inspect.Type], str] = {
    inspect.StrType: "a text",
    inspect.BoolType: "true or false",
    inspect.FloatType: "a number",
    inspect.DateType: "a day such as 2026-02-07",
    inspect.TimeType: "a time such as 12:00",
    inspect.DateTimeType: "an instant such as 2026-02-07T12:00:00+01:00",
    inspect.UUIDType: "an id",
    inspect.StructType: "a table of fields",
    inspect.DictType: "a table of fields",
}


def _number_in_words(type_: inspect.IntType) -> str:
    words = ["a whole number"]
    if type_.ge is not None and type_.le is not None:
        words.append(f"{type_.ge} to {type_.le}")
    elif type_.ge is not None:
        words.append(f"at least {type_.ge}")
    if type_.multiple_of is not None:
        words.append(f"a multiple of {type_.multiple_of}")
    return ", ".join(words)
