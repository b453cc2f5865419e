"""`POST /v1/tenants/{tenant}/responsibility`: who is responsible, why, and a token that says so to the other calls."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath, JSONBody

from booking.domain.catalogue import Catalogue
from booking.domain.citizen_facts import CitizenFacts, read_facts
from booking.domain.errors import Invalid
from booking.domain.folding import fold
from booking.domain.responsibility_rules import Fact, Municipality
from booking.domain.responsible_lanes import ResponsibilityClaims, Responsible, find_responsible
from booking.domain.visit_plan import ITEMS_MAX, RequestedItem, VisitPlan, plan_visit
from booking.web.why import why
from booking.web.wiring import Wiring, wired
from kit.requests import AnyRequest
from kit.tokens import TokenInvalid, read, sign
from kit.web.site import Site

PURPOSE = "responsibility"


class ResponsibilityQuestion(CitizenFacts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's data stand in a body, never in a URL."""

    service_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=ITEMS_MAX)]


class ResponsibilityAnswer(msgspec.Struct):
    asks: list[Fact]
    """What is still needed, because it can change the answer; the least personal first."""
    municipalities: list[Municipality]
    """Where the municipality is asked for: those of which rules speak. Any other may be named as well."""
    responsibility: str | None
    """Opaque; for availability and for the appointment."""
    unit: str
    why: str
    why_en: str
    clerk: str | None = None
    deputy: str | None = None
    """Serves on days on which the clerk is away."""


@post("/v1/tenants/{tenant:str}/responsibility", status_code=200)
async def post_responsibility(
    request: AnyRequest, tenant: FromPath[str], data: JSONBody[ResponsibilityQuestion]
) -> ResponsibilityAnswer:
    wiring = wired(request)
    catalogue = await wiring.catalogues.get_public(tenant)
    known = read_facts(data)
    plans = plan_visit(catalogue, [RequestedItem(service_id) for service_id in data.service_ids])
    found = find_responsible(catalogue, plans, known)
    site: Site = request.app.state.site
    services = [part.service for part in plans[0].items]
    return ResponsibilityAnswer(
        asks=list(found.asks),
        municipalities=named_municipalities(catalogue, data.service_ids) if "municipality" in found.asks else [],
        responsibility=None if found.asks else sign_found(wiring, catalogue, plans, found),
        unit=found.unit,
        clerk=found.clerk,
        deputy=found.deputy,
        why=why(site.languages.get("de"), found, data, known, [service.name for service in services]),
        why_en=why(site.languages.get("en"), found, data, known, [s.name_en or s.name for s in services]),
    )


def named_municipalities(catalogue: Catalogue, service_ids: list[UUID]) -> list[Municipality]:
    named = {one for rule in catalogue.responsibility.rules_of(service_ids) for one in rule.municipalities}
    return sorted(named, key=lambda one: fold(one.name))


def sign_found(wiring: Wiring, catalogue: Catalogue, plans: list[VisitPlan], found: Responsible) -> str:
    claims = ResponsibilityClaims(
        tenant=catalogue.tenant,
        service_ids=tuple(part.service.id for part in plans[0].items),
        version=catalogue.responsibility.version,
        rule_id=found.rule.id if found.rule else None,
    )
    return sign(wiring.settings.link_key, PURPOSE, claims)


def read_claims(wiring: Wiring, tenant: str, token: str | None) -> ResponsibilityClaims | None:
    """Raises Invalid for a token that is not ours, or another tenant's."""
    if token is None:
        return None
    try:
        claims = read(wiring.settings.link_key, PURPOSE, token, ResponsibilityClaims)
    except TokenInvalid:
        claims = None
    if claims is None or claims.tenant != tenant:
        raise Invalid.field("responsibility", "expected a token from POST …/responsibility of this tenant")
    return claims


routes = (post_responsibility,)
