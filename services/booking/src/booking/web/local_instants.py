"""Instants as the people of a place read them: with its offset, as appointments have theirs."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


def at_place(view: T, time_zone: str) -> T:
    """Only its own fields; lists within it are the caller's."""
    zone = ZoneInfo(time_zone)
    instants = {name: value for name, value in msgspec.structs.asdict(view).items() if isinstance(value, datetime)}
    return msgspec.structs.replace(view, **{name: value.astimezone(zone) for name, value in instants.items()})


def all_at_place(views: Iterable[T], time_zone: str) -> list[T]:
    return [at_place(view, time_zone) for view in views]
