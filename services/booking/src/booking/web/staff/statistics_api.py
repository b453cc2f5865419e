"""`/v1/staff/statistics`: the council's questions, as JSON or as a table for spreadsheets."""

from typing import Annotated, Literal

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from booking.domain.statistics.figures import Unit
from booking.domain.statistics.rates import Assumptions
from booking.usecases.read_statistics import Report, StatisticsQuestion, read_statistics
from booking.web.catalogue_api import parse_day
from booking.web.staff.access import RULES, require_staff
from booking.web.staff.statistics_table import table_of
from booking.web.wiring import wired
from kit.requests import AnyRequest
from kit.tables import MEDIA_TYPE

Minutes = Annotated[int, QueryParameter(ge=0, le=480)]


def read_question(
    *,
    first_day: Annotated[
        str | None, QueryParameter(name="from", description="A day such as 2026-01-01; nothing: since the start.")
    ] = None,
    last_day: Annotated[
        str | None, QueryParameter(name="to", description="A day such as 2026-12-31; nothing: until today.")
    ] = None,
    by: FromQuery[Unit] = "month",
    booking_min: Minutes = 6,
    payment_min: Minutes = 3,
    change_min: Minutes = 4,
    yearly_cost_cents: Annotated[
        int | None, QueryParameter(ge=0, le=10**12, description="What a year of this software costs.")
    ] = None,
) -> StatisticsQuestion:
    """Raises Invalid."""
    assumptions = Assumptions(
        booking_min=booking_min, payment_min=payment_min, change_min=change_min, yearly_cost_cents=yearly_cost_cents
    )
    return StatisticsQuestion(
        first_day=parse_day("from", first_day), last_day=parse_day("to", last_day), by=by, assumptions=assumptions
    )


QUESTION = {"question": Provide(read_question, sync_to_thread=False)}


@get("/v1/staff/statistics", dependencies=QUESTION)
async def get_statistics(request: AnyRequest, question: NamedDependency[StatisticsQuestion]) -> Report:
    """By year, month or day; each period in which one of the days lies is shown as a whole."""
    return await _ask(request, question)


@get("/v1/staff/statistics.csv", dependencies=QUESTION, media_type=MEDIA_TYPE)
async def get_statistics_table(
    request: AnyRequest, question: NamedDependency[StatisticsQuestion], language: FromQuery[Literal["de", "en"]] = "de"
) -> Response[str]:
    """The same: one figure a line, in words beside the names that programs read. “*” is what is not shown."""
    report = await _ask(request, question)
    text = table_of(report, request.app.state.site.languages.get(language))
    disposition = f'attachment; filename="statistik-{report.first_day}-{report.last_day}.csv"'
    return Response(text, headers={"Content-Disposition": disposition})


async def _ask(request: AnyRequest, question: StatisticsQuestion) -> Report:
    claims, wiring = require_staff(request, RULES), wired(request)
    return await read_statistics(wiring.pool, claims.tenant, wiring.clock, question)


routes = (get_statistics, get_statistics_table)
