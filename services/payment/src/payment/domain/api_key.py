"""API keys: `test_<prefix>_<secret><checksum>` or `live_…`. Only the SHA-256 of a key is stored.

The checksum lets a scanner, and us, tell a mistyped key from a wrong one without a look into the database.
"""

import hashlib
import secrets
import string
import zlib
from typing import Literal

import msgspec

KeyMode = Literal["test", "live"]
Scope = Literal[
    "payments:create", "payments:read", "payments:capture", "payments:cancel", "refunds:request", "webhooks"
]
SCOPES: tuple[Scope, ...] = (
    "payments:create",
    "payments:read",
    "payments:capture",
    "payments:cancel",
    "refunds:request",
    "webhooks",
)

_ALPHABET = string.ascii_letters + string.digits
_PREFIX_LENGTH, _SECRET_LENGTH, _CHECKSUM_LENGTH = 8, 32, 6


class ParsedKey(msgspec.Struct, frozen=True):
    mode: KeyMode
    prefix: str


def make_key(mode: KeyMode) -> str:
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(_PREFIX_LENGTH))
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))
    body = f"{mode}_{prefix}_{secret}"
    return body + _checksum(body)


def parse_key(key: str) -> ParsedKey | None:
    """None for whatever cannot be one of our keys."""
    parts = key.split("_")
    lengths = [len(part) for part in parts[1:]]
    if lengths != [_PREFIX_LENGTH, _SECRET_LENGTH + _CHECKSUM_LENGTH] or not key.isascii():
        return None
    if _checksum(key[:-_CHECKSUM_LENGTH]) != key[-_CHECKSUM_LENGTH:]:
        return None
    match parts[0]:
        case "test":
            return ParsedKey("test", parts[1])
        case "live":
            return ParsedKey("live", parts[1])
        case _:
            return None


def digest_of(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _checksum(body: str) -> str:
    value, text = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        value, digit = divmod(value, len(_ALPHABET))
        text += _ALPHABET[digit]
    return text
