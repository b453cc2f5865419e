"""The time, as a value that is handed in: tests set it, nothing patches it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant, aware and in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)
