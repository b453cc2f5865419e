"""The same service in the other towns of the county: where there is time the soonest. Booking there is leaving here."""

from litestar import Response, get
from litestar.params import FromPath

from booking.usecases.find_anywhere import Anywhere, WantedService, find_anywhere
from booking.web.earliest_api import booking_link
from booking.web.pages.choice import read_choice
from booking.web.pages.visit import enter, item_lines
from kit.requests import AnyRequest

COUNTY_DIGITS = 5
"""Of a tenant's key (ARS): the county."""


@get("/{tenant:str}/termin/ueberall", include_in_schema=False)
async def show_elsewhere(request: AnyRequest, tenant: FromPath[str]) -> Response[str]:
    here = await enter(request, tenant)
    catalogue = await here.wiring.catalogues.get_public(tenant)
    choice = read_choice(catalogue, request.query_params)
    services = [(catalogue.services[item.service_id], item.quantity) for item in choice.items]
    wish = Anywhere(
        services=[WantedService(leika=one.leika, name=one.name, quantity=quantity) for one, quantity in services],
        channel=choice.channel,
        ars=here.profile.ars[:COUNTY_DIGITS],
    )
    found = await find_anywhere(here.wiring.pool, here.wiring.catalogues, wish, here.wiring.clock())
    public_url = here.wiring.settings.public_url
    return here.page(
        "elsewhere.html",
        choice=choice,
        names=item_lines(here, catalogue, choice.items),
        own=[each for _, each in found if each.asked.tenant == tenant],
        others=[(town, each, booking_link(public_url, each)) for town, each in found if each.asked.tenant != tenant],
    )


ROUTES = (show_elsewhere,)
