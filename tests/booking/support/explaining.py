"""Questions of a clerk: why is this slot not offered?"""

from datetime import datetime
from typing import Any

from tests.booking.sample import PERSO, TENANT
from tests.booking.support.life import Life

from booking.domain.catalogue import Catalogue
from booking.domain.explanation import Asks, Code
from booking.domain.visit_plan import VisitPlan
from booking.usecases.explain_slot import Explained, explain_slot
from booking.web.staff.explanations_api import in_words
from kit.web.language import Languages

LANGUAGES = Languages(["kit.web", "booking.web"])


async def explain(
    life: Life, plans: list[VisitPlan], start: datetime, catalogue: Catalogue | None = None, **asks: bool
) -> dict[str, Explained]:
    """By the lane's name."""
    known = catalogue or await life.catalogues.get(TENANT)
    found = await explain_slot(life.pool, known, plans, start, life.clock(), Asks(**asks))
    return {each.lane.name: each for each in found}


def codes(found: dict[str, Explained]) -> dict[str, Code | None]:
    return {lane: each.rejection and each.rejection.code for lane, each in found.items()}


async def ask(
    life: Life, start: datetime, service: str = PERSO, *, quantity: int = 1, **asks: bool
) -> dict[str, Explained]:
    return await explain(life, await life.plans(service, quantity), start, **asks)


async def why(life: Life, start: datetime, lane: str = "Clerk 0", **more: Any) -> tuple[Code, str, str] | None:
    rejection = (await ask(life, start, **more))[lane].rejection
    return rejection and (rejection.code, *(in_words(rejection, LANGUAGES.get(code)) for code in ("de", "en")))


async def code_of(life: Life, start: datetime, lane: str = "Clerk 0", **more: Any) -> Code | None:
    found = await why(life, start, lane, **more)
    return found[0] if found else None
