"""Identifiers: UUIDs of version 7 (RFC 9562), which sort by the time of their making."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Python has none before 3.14, PostgreSQL none before 18."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)
