"""`/v1/staff/api-keys`: an administrator issues, rotates and revokes the keys of the tenant's callers."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from kit.cursor import cut
from kit.requests import AnyRequest
from payment.domain.api_key import Scope
from payment.store.api_keys import ApiKey, KeyEvent
from payment.usecases.issue_api_key import IssuedKey, KeyWish, issue_api_key_once
from payment.usecases.list_api_keys import list_api_keys
from payment.usecases.revoke_api_key import revoke_api_key
from payment.usecases.rotate_api_key import rotate_api_key
from payment.web.staff.access import ADMINISTRATION, actor_of, require_staff
from payment.web.wiring import once_of, tools_of

PAGE = 50


class NewKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=20)]
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class Rotation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    overlap_h: Annotated[int, msgspec.Meta(ge=0, le=720)] = 24
    """For so many hours the old key still works."""


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    prefix: str
    label: str
    scopes: tuple[Scope, ...]
    last_used_at: datetime | None
    """To the minute."""
    expires_at: datetime | None
    revoked_at: datetime | None
    history: list[KeyEvent]


class KeyList(msgspec.Struct, frozen=True):
    items: list[KeyView]
    next_cursor: str | None


@get("/v1/staff/api-keys", tags=["administration"])
async def show(request: AnyRequest, cursor: FromQuery[UUID | None] = None) -> KeyList:
    """Newest first; never the keys themselves."""
    claims = require_staff(request, ADMINISTRATION)
    found = await list_api_keys(tools_of(request), claims.tenant, cursor, PAGE + 1)
    page, last = cut(found, PAGE)
    return KeyList([_view(key, history) for key, history in page], str(last[0].id) if last else None)


@post("/v1/staff/api-keys", tags=["administration"])
async def issue(request: AnyRequest, data: JSONBody[NewKey]) -> IssuedKey:
    claims = require_staff(request, ADMINISTRATION)
    once = await once_of(request, f"{claims.tenant}:api-key")
    wish = KeyWish(label=data.label, scopes=tuple(data.scopes), expires_at=data.expires_at)
    return await issue_api_key_once(tools_of(request), claims.tenant, wish, actor_of(claims), once)


@post("/v1/staff/api-keys/{key_id:uuid}/rotation", tags=["administration"])
async def rotate(request: AnyRequest, key_id: FromPath[UUID], data: JSONBody[Rotation]) -> IssuedKey:
    claims = require_staff(request, ADMINISTRATION)
    once = await once_of(request, f"{claims.tenant}:api-key:{key_id}")
    overlap = timedelta(hours=data.overlap_h)
    return await rotate_api_key(tools_of(request), claims.tenant, key_id, overlap, actor_of(claims), once)


@delete("/v1/staff/api-keys/{key_id:uuid}", tags=["administration"])
async def revoke(request: AnyRequest, key_id: FromPath[UUID]) -> None:
    claims = require_staff(request, ADMINISTRATION)
    await revoke_api_key(tools_of(request), claims.tenant, key_id, actor_of(claims))


def _view(key: ApiKey, history: list[KeyEvent]) -> KeyView:
    return KeyView(
        id=key.id,
        prefix=key.prefix,
        label=key.label,
        scopes=key.scopes,
        last_used_at=key.last_used_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        history=history,
    )


routes = (show, issue, rotate, revoke)
