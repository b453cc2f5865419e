"""The demo's keys: made once, kept in its data folder, readable by its owner alone."""

import base64
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from kit.tokens import StaffClaims, sign

STAFF = {
    "clerk": ("anna.claessen", "clerk"),
    "lead": ("bernd.lennartz", "lead"),
    "treasurer_a": ("carla.jansen", "treasurer"),
    "treasurer_b": ("dirk.peters", "treasurer"),
    "admin": ("eva.schmitz", "admin"),
    "operator": ("frank.wolters", "operator"),
}
"""By the name in `demo.json`: subject and role in tenant heinsberg."""

TREASURERS = {"a": "gerda.houben", "b": "hans.ruers"}
"""Of a town in which it takes two."""

STAFF_TOKEN_DAYS = 365


class Keys(msgspec.Struct):
    link: dict[str, str]
    staff: str
    service_token: str
    accounts: str
    database_password: str
    api: dict[str, str] = {}
    """Payment's API keys, by who holds them: each tenant's slug for booking, `portal`, `demo`."""


def load_keys(data: Path) -> Keys:
    file = data / "keys.json"
    if file.exists():
        return msgspec.json.decode(file.read_bytes(), type=Keys)
    keys = Keys(
        link={name: secrets.token_urlsafe(32) for name in ("booking", "payment", "notify", "portal")},
        staff=secrets.token_urlsafe(32),
        service_token=secrets.token_urlsafe(32),
        accounts=base64.urlsafe_b64encode(os.urandom(32)).decode(),
        database_password=secrets.token_urlsafe(24),
    )
    save_keys(data, keys)
    return keys


def save_keys(data: Path, keys: Keys) -> None:
    write_private(data / "keys.json", msgspec.json.format(msgspec.json.encode(keys)))


def write_private(file: Path, content: bytes) -> None:
    """Readable by the owner alone, from its first byte on; replaced whole."""
    temporary = file.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
    temporary.replace(file)


def staff_tokens(keys: Keys) -> dict[str, str]:
    return {name: _token(keys, "heinsberg", subject, role) for name, (subject, role) in STAFF.items()}


def treasurer_tokens(keys: Keys, town: str) -> dict[str, str]:
    return {name: _token(keys, town, subject, "treasurer") for name, subject in TREASURERS.items()}


def _token(keys: Keys, town: str, subject: str, role: str) -> str:
    expires_at = datetime.now(UTC) + timedelta(days=STAFF_TOKEN_DAYS)
    return sign(keys.staff, "staff", StaffClaims(subject=subject, tenant=town, roles=(role,), expires_at=expires_at))
