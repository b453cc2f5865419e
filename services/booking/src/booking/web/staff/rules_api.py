"""`/v1/staff/rules…`: a tenant's rules, their history, and changes. With `dry_run` one only foresees."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, PathParameter, QueryParameter

from booking.domain.errors import Invalid
from booking.domain.notes import tidy_note
from booking.domain.rule_edits import (
    RuleEdit,
    add_closure,
    put_exception,
    remove_closure,
    remove_exception,
    replace_opening,
    restore,
    set_customs,
)
from booking.store.rules import RuleVersion
from booking.usecases.change_rules import Author, apply_edit
from booking.usecases.once import Once
from booking.usecases.preview_rules import preview_rules
from booking.usecases.view_rules import view_history, view_rules, view_version
from booking.web.appointments_api import IdempotencyKey
from booking.web.local_instants import all_at_place, at_place
from booking.web.staff.access import RULES, require_staff
from booking.web.staff.rule_bodies import (
    VERSION_MAX,
    ClosureBody,
    CustomBody,
    ExceptionBody,
    PlaceBody,
    Terms,
    to_closure,
    to_customs,
    to_exception,
    to_opening,
)
from booking.web.staff.rule_views import (
    EffectView,
    RuleSetView,
    VersionDetails,
    show_effect,
    show_rule_set,
    show_rules,
)
from booking.web.wiring import wired
from kit.idempotency import fingerprint
from kit.requests import AnyRequest


def terms_of_query(
    *,
    dry_run: Annotated[bool, QueryParameter(description="Only say what the change would do.")] = False,
    if_version: Annotated[
        int | None,
        QueryParameter(
            ge=0, le=VERSION_MAX, description="Refuses the change if the rules have another version by now."
        ),
    ] = None,
) -> Terms:
    """Where there is no body."""
    return Terms(dry_run=dry_run, if_version=if_version)


TERMS = {"terms": Provide(terms_of_query, sync_to_thread=False)}


class VersionList(msgspec.Struct, frozen=True):
    items: list[RuleVersion]
    """Newest first."""
    next_cursor: str | None


class CustomsBody(Terms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    customs: Annotated[list[CustomBody], msgspec.Meta(max_length=20)]


class RestorationBody(Terms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Annotated[int, msgspec.Meta(ge=1, le=VERSION_MAX)]


@get("/v1/staff/rules")
async def read(
    request: AnyRequest, version: Annotated[int | None, QueryParameter(ge=1, le=VERSION_MAX)] = None
) -> RuleSetView:
    """Now, or as a version had them."""
    claims = require_staff(request, RULES)
    found, rule_set = await view_rules(wired(request).pool, claims.tenant, version)
    return show_rule_set(rule_set, found)


@get("/v1/staff/rules/versions")
async def read_history(
    request: AnyRequest, cursor: Annotated[int | None, QueryParameter(ge=0, le=VERSION_MAX)] = None
) -> VersionList:
    claims = require_staff(request, RULES)
    before = VERSION_MAX if cursor is None else cursor
    history = await view_history(wired(request).pool, claims.tenant, before)
    catalogue = await wired(request).catalogues.get(claims.tenant)
    return VersionList(
        all_at_place(history.versions, catalogue.time_zone), str(history.next_before) if history.next_before else None
    )


@get("/v1/staff/rules/versions/{version:int}")
async def read_version(
    request: AnyRequest, version: Annotated[int, PathParameter(ge=1, le=VERSION_MAX)]
) -> VersionDetails:
    """Who made it, when, why, and which rules came and went."""
    claims = require_staff(request, RULES)
    found, change = await view_version(wired(request).pool, claims.tenant, version)
    found = at_place(found, (await wired(request).catalogues.get(claims.tenant)).time_zone)
    return VersionDetails(
        **msgspec.structs.asdict(found), added=show_rules(change.added), removed=show_rules(change.removed)
    )


@put("/v1/staff/rules/opening")
async def put_opening(request: AnyRequest, data: JSONBody[PlaceBody]) -> EffectView:
    """All rules of a location or lane at once. A lane without any lives by its location's."""
    await _require_place(request, data.location_id, data.lane_id)
    edit = replace_opening(data.location_id, data.lane_id, to_opening(data))
    return await _change(request, edit, data)


@put("/v1/staff/rules/exceptions")
async def put_day(request: AnyRequest, data: JSONBody[ExceptionBody]) -> EffectView:
    """Other hours on a day, in place of those that the location or lane has on it."""
    await _require_place(request, data.location_id, data.lane_id)
    return await _change(request, put_exception(to_exception(data)), data)


@delete("/v1/staff/rules/exceptions/{exception_id:uuid}", dependencies=TERMS, status_code=200)
async def delete_exception(
    request: AnyRequest,
    exception_id: FromPath[UUID],
    terms: NamedDependency[Terms],
) -> EffectView:
    return await _change(request, remove_exception(exception_id), terms)


@post("/v1/staff/rules/closures", status_code=200)
async def post_closure(request: AnyRequest, data: JSONBody[ClosureBody], idempotency_key: IdempotencyKey) -> EffectView:
    await _require_place(request, data.location_id, None)
    edit = add_closure(to_closure(data))
    return await _change(request, edit, data, idempotency_key)


@delete("/v1/staff/rules/closures/{closure_id:uuid}", dependencies=TERMS, status_code=200)
async def delete_closure(
    request: AnyRequest,
    closure_id: FromPath[UUID],
    terms: NamedDependency[Terms],
) -> EffectView:
    return await _change(request, remove_closure(closure_id), terms)


@put("/v1/staff/rules/customs")
async def put_customs(request: AnyRequest, data: JSONBody[CustomsBody]) -> EffectView:
    """The days on which the tenant is closed every year though no law says so."""
    edit = set_customs(to_customs(data.customs))
    return await _change(request, edit, data)


@post("/v1/staff/rules/restorations", status_code=200)
async def post_restoration(
    request: AnyRequest, data: JSONBody[RestorationBody], idempotency_key: IdempotencyKey
) -> EffectView:
    """All rules as an earlier version had them, as a new version."""
    claims = require_staff(request, RULES)
    _, former = await view_rules(wired(request).pool, claims.tenant, data.version)
    return await _change(request, restore(former), data, idempotency_key)


async def _change(request: AnyRequest, edit: RuleEdit, terms: Terms, key: str | None = None) -> EffectView:
    claims, wiring = require_staff(request, RULES), wired(request)
    catalogue = await wiring.catalogues.get(claims.tenant)
    if terms.dry_run:
        foreseen = await preview_rules(wiring.pool, catalogue, edit, wiring.clock(), if_version=terms.if_version)
        return show_effect(foreseen, catalogue)
    author = Author(f"staff:{claims.subject}", tidy_note(terms.note))
    once = Once(f"{claims.tenant}:rules", key, fingerprint(terms)) if key else None
    effect = await apply_edit(
        wiring.pool, wiring.clock, claims.tenant, edit, author, if_version=terms.if_version, once=once
    )
    return show_effect(effect, catalogue)


async def _require_place(request: AnyRequest, location_id: UUID | None, lane_id: int | None) -> None:
    """Raises Invalid for a place that is not the tenant's; whoever may not change rules learns nothing of it."""
    claims = require_staff(request, RULES)
    catalogue = await wired(request).catalogues.get(claims.tenant)
    if location_id is not None and location_id not in catalogue.locations:
        raise Invalid.field("location_id", "no such location here")
    lane = catalogue.lanes.get(lane_id) if lane_id is not None else None
    if lane_id is not None and (lane is None or lane.location_id != location_id):
        raise Invalid.field("lane_id", "no such lane at this location")


routes = (
    read,
    read_history,
    read_version,
    put_opening,
    put_day,
    delete_exception,
    post_closure,
    delete_closure,
    put_customs,
    post_restoration,
)
