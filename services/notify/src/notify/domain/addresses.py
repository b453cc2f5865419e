"""Mail addresses: what goes into an envelope, and names that carry a meaning for us."""

import hashlib
import hmac
import re
from typing import Annotated
from uuid import UUID

import msgspec

MailAddress = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,20}@[A-Za-z0-9.-]+$(?!\n)")]
"""A mailbox of ours: short enough for a plus tag of 32 characters."""

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?=.{1,255}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_BOUNCE = re.compile(r"b\+([0-9a-f]{32})[0-9a-f]{12}")
_LOCAL_LENGTH_MAX = 64
_MARK_LENGTH = 12


def envelope_address(address: str) -> str | None:
    """The address in ASCII (the domain in IDNA), or None if no server could be asked to take it (RFC 5321)."""
    local, _, domain = address.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return None
    if len(local) > _LOCAL_LENGTH_MAX or not _ATOMS.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return None
    return f"{local}@{domain}"


def fingerprint(key: str, address: str) -> str:
    """The same for the same mailbox; without the key nobody can try addresses against it."""
    return hmac.new(key.encode(), b"address\0" + address.strip().lower().encode(), hashlib.sha256).hexdigest()


def plus_address(mailbox: str, tag: str) -> str:
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{tag}@{domain}"


def bounce_address(key: str, delivery_id: UUID, domain: str) -> str:
    """Envelope sender of one delivery (VERP): a returned mail names it, and nobody can make one up."""
    mark = hmac.new(key.encode(), b"bounce\0" + delivery_id.bytes, hashlib.sha256).hexdigest()[:_MARK_LENGTH]
    return f"b+{delivery_id.hex}{mark}@{domain}"


def read_bounce_address(key: str, address: str) -> UUID | None:
    """The delivery that the address was made for; None if it is none of ours."""
    tag, _, domain = address.strip().lower().rpartition("@")
    found = _BOUNCE.fullmatch(tag)
    if found is None or not address.isascii():  # digests are compared in ASCII alone
        return None
    id_ = UUID(found[1])
    return id_ if hmac.compare_digest(bounce_address(key, id_, domain), f"{tag}@{domain}") else None


def mask(address: str) -> str:
    """For lists that people read: enough to recognise, not enough to write to."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"
