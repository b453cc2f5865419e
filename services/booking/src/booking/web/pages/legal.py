"""Pages that the law asks for; their text comes from the language files and the tenant's profile."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from booking.web.pages.visit import Visit, enter
from contracts.tenant import TenantProfile
from kit.requests import AnyRequest


@get("/{tenant:str}/impressum", include_in_schema=False)
async def imprint(request: AnyRequest, tenant: FromPath[str]) -> Response[str]:
    here = await enter(request, tenant)
    return here.page("imprint.html", values=profile_values(here.profile))


@get("/{tenant:str}/datenschutz", include_in_schema=False)
async def privacy(request: AnyRequest, tenant: FromPath[str]) -> Response[str]:
    return await _sections(request, tenant, "privacy")


@get("/{tenant:str}/barrierefreiheit", include_in_schema=False)
async def accessibility(request: AnyRequest, tenant: FromPath[str]) -> Response[str]:
    return await _sections(request, tenant, "accessibility")


@get("/{tenant:str}/leichte-sprache", include_in_schema=False)
async def plain_language(request: AnyRequest, tenant: FromPath[str]) -> Response[str]:
    return await _sections(request, tenant, "plain")


async def _sections(request: AnyRequest, tenant: str, key: str) -> Response[str]:
    here = await enter(request, tenant)
    values = profile_values(here.profile) | {"of_name": _of_name(here)}
    return here.page("sections.html", key=key, values=values)


def _of_name(here: Visit) -> str:
    """Von der Stadt Heinsberg, vom Kreis Heinsberg; a name that says no kind takes no article."""
    name, kind = here.profile.name, here.profile.kind
    return here.t(f"plain.of.{kind}" if name.startswith(f"{kind} ") else "plain.of.other", name=name)


def profile_values(profile: TenantProfile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "street": profile.address.street,
        "postcode": profile.address.postcode,
        "city": profile.address.city,
        "email": profile.email,
        "phone": profile.phone,
        "represented_by": profile.represented_by,
        "retention_days": profile.retention_days,
    }


ROUTES = (imprint, privacy, accessibility, plain_language)
