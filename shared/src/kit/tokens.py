"""Signed values: links, cookies, staff tokens. HMAC-SHA256 (RFC 2104) under a server key, compared in constant time."""

import base64
import hmac
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

T = TypeVar("T")


class TokenInvalid(Exception):
    """Malformed, of another purpose, changed, or past its time. The cause is not told to the caller."""


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise TokenInvalid from None


def _mac(key: str, purpose: str, data: bytes) -> bytes:
    return hmac.digest(key.encode(), purpose.encode() + b"\0" + data, "sha256")


def sign_id(key: str, purpose: str, id_: UUID) -> str:
    """A token of 43 + 22 characters that names `id_` and can be made again at any time; nothing secret is stored."""
    return f"{_encode(id_.bytes)}.{_encode(_mac(key, purpose, id_.bytes))}"


def read_id(key: str, purpose: str, token: str) -> UUID:
    """Raises TokenInvalid."""
    return UUID(bytes=_checked(key, purpose, token, length=16))


def sign(key: str, purpose: str, claims: msgspec.Struct) -> str:
    data = msgspec.json.encode(claims)
    return f"{_encode(data)}.{_encode(_mac(key, purpose, data))}"


def read(key: str, purpose: str, token: str, type_: type[T]) -> T:
    """Raises TokenInvalid."""
    try:
        return msgspec.json.decode(_checked(key, purpose, token), type=type_)
    except msgspec.MsgspecError:
        raise TokenInvalid from None


def _checked(key: str, purpose: str, token: str, length: int | None = None) -> bytes:
    payload, _, mac = token.partition(".")
    data = _decode(payload)
    if not hmac.compare_digest(_decode(mac), _mac(key, purpose, data)) or length not in (None, len(data)):
        raise TokenInvalid
    return data


class StaffClaims(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts, for which tenant, with which roles. Issued by the house's sign-on; in the demo by its supervisor."""

    subject: str
    tenant: str
    roles: tuple[str, ...]
    expires_at: datetime


def read_staff(key: str, token: str, now: datetime) -> StaffClaims:
    """Raises TokenInvalid."""
    claims = read(key, "staff", token, StaffClaims)
    if claims.expires_at <= now:
        raise TokenInvalid
    return claims
