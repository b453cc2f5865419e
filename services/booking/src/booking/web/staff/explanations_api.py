"""`POST /v1/staff/slot-explanations`: why is this slot not offered? For each lane the first rule that rejects it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import JSONBody

from booking.domain.catalogue import Channel, LaneKind
from booking.domain.explanation import Asks, Code, Rejection, Value
from booking.domain.holidays import Words
from booking.domain.responsible_lanes import responsible_plans
from booking.domain.rule_set import Audience
from booking.domain.visit_plan import RequestedItem, plan_visit
from booking.usecases.explain_slot import Explained, explain_slot
from booking.web.responsibility_api import read_claims
from booking.web.staff.access import VISITS, require_staff
from booking.web.wiring import wired
from kit.requests import AnyRequest
from kit.web.formats import Formats
from kit.web.language import Language, Languages


class SlotQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: list[RequestedItem]
    start: Annotated[datetime, msgspec.Meta(tz=True)]
    location_id: UUID | None = None
    channel: Channel = "on_site"
    responsibility: str | None = None
    """As the citizen has it: a token from POST …/responsibility."""
    audience: Audience = "public"
    """Whether the public asks, or the staff for a booking of their own."""
    any_time: bool = False
    """As the staff may book: without notice, window and start step."""


class LaneAnswer(msgspec.Struct, frozen=True, kw_only=True):
    lane_id: int
    name: str
    kind: LaneKind
    location_id: UUID
    location: str
    is_offered: bool
    code: Code | None
    """The first rule that rejects it."""
    why: dict[str, str] | None
    """The same in words, by language."""


class SlotExplanation(msgspec.Struct, frozen=True, kw_only=True):
    start: datetime
    time_zone: str
    is_offered: bool
    lanes: list[LaneAnswer]


@post("/v1/staff/slot-explanations", status_code=200)
async def explain(request: AnyRequest, data: JSONBody[SlotQuestion]) -> SlotExplanation:
    """It asks and changes nothing; a repetition may have another answer."""
    claims, wiring = require_staff(request, VISITS), wired(request)
    catalogue = await wiring.catalogues.get(claims.tenant)
    plans = plan_visit(catalogue, data.items, location_id=data.location_id, channel=data.channel)
    plans = responsible_plans(catalogue, plans, read_claims(wiring, claims.tenant, data.responsibility))
    asks = Asks(is_public=data.audience == "public", any_time=data.any_time)
    found = await explain_slot(wiring.pool, catalogue, plans, data.start, wiring.clock(), asks)
    languages: Languages = request.app.state.site.languages
    lanes = [_answer(each, languages) for each in found]
    return SlotExplanation(
        start=data.start,
        time_zone=catalogue.time_zone,
        is_offered=any(lane.is_offered for lane in lanes),
        lanes=lanes,
    )


def _answer(explained: Explained, languages: Languages) -> LaneAnswer:
    lane, location, rejection = explained
    return LaneAnswer(
        lane_id=lane.id,
        name=lane.name,
        kind=lane.kind,
        location_id=location.id,
        location=location.name,
        is_offered=rejection is None,
        code=rejection.code if rejection else None,
        why={code: in_words(rejection, languages.get(code)) for code in languages.codes} if rejection else None,
    )


def in_words(rejection: Rejection, language: Language) -> str:
    return language(f"why_not.{rejection.code}", **_fill(rejection.values, language))


def _fill(values: Mapping[str, Value], language: Language) -> dict[str, object]:
    return {name: _text(value, language) for name, value in values.items()}


def _text(value: Value, language: Language) -> object:
    match value:
        case Words(de=german, en=english):
            return german if language.code == "de" else english
        case date():
            return Formats(language).day(value)
    return value


routes = (explain,)
