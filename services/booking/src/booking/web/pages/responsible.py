"""Who is responsible: asked for where the rules need it, told with the reason, and carried on by a token alone."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from booking.domain.catalogue import Catalogue
from booking.domain.citizen_facts import CitizenFacts, read_facts
from booking.domain.errors import Invalid
from booking.domain.responsibility_rules import FACTS, Fact, Known
from booking.domain.responsible_lanes import Responsible, find_responsible, found_before, responsible_plans
from booking.domain.visit_plan import VisitPlan
from booking.web.pages.choice import Choice, read_choice
from booking.web.pages.visit import Visit, enter, item_lines, query
from booking.web.responsibility_api import named_municipalities, read_claims, sign_found
from kit.requests import AnyRequest

FACT_MAX = 100
ADDRESS: Final[tuple[Fact, ...]] = ("street", "house_number")
"""One question to people."""
ELSEWHERE = "elsewhere"
"""A municipality of which no rule speaks."""
SAMPLE: Final = {
    "postcode": "52525",
    "street": "Hauptstraße",
    "house_number": "12",
    "surname": "Mustermann",
}
"""Prefills the form in a demonstration."""


class Chosen(NamedTuple):
    """A choice with the lanes that may serve it, and with who that is."""

    plans: list[VisitPlan]
    responsible: Responsible


def settle_responsibility(here: Visit, catalogue: Catalogue, choice: Choice) -> Chosen | None:
    """None where the citizen must be asked (again). Raises Invalid."""
    plans = choice.plans(catalogue)
    try:
        claims = read_claims(here.wiring, here.tenant, choice.responsibility)
        found = found_before(catalogue, plans, claims) if claims else find_responsible(catalogue, plans, Known())
    except Invalid:
        return None
    return None if found.asks else Chosen(responsible_plans(catalogue, plans, claims), found)


def ask_again(here: Visit, choice: Choice) -> Response[Any]:
    """To a page further on without a token that is good: back to the question."""
    return here.redirect(here.url("/termin") + query(choice.values(), responsibility=None))


def ask_page(here: Visit, catalogue: Catalogue, choice: Choice) -> Response[Any]:
    return _next(here, catalogue, choice, {})


@post("/{tenant:str}/termin/zustaendigkeit", include_in_schema=False)
async def answer(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    """The facts stay in the form: in no address, and nowhere else."""
    here = await enter(request, tenant)
    form = await here.form()
    catalogue = await here.wiring.catalogues.get_public(tenant)
    return _next(here, catalogue, read_choice(catalogue, form), form)


def _next(here: Visit, catalogue: Catalogue, choice: Choice, form: Mapping[str, str]) -> Response[Any]:
    """One question after the other, each only if the rules still need it; then the days."""
    plans = choice.plans(catalogue)
    known, unreadable = _read(form)
    try:
        found = find_responsible(catalogue, plans, known)
    except Invalid:  # different people's
        return here.page("problem.html", status=409, text="responsible.apart", appointment_id=None)
    if found.asks:
        return _question_page(here, catalogue, choice, found, form, unreadable)
    token = sign_found(here.wiring, catalogue, plans, found)
    return here.redirect(here.url("/termin") + query(choice.values(), responsibility=token))


def _read(form: Mapping[str, str]) -> tuple[Known, Collection[str]]:
    """What is known, and the fields of what could not be read."""
    facts = CitizenFacts(**{name: form[name][:FACT_MAX] for name in FACTS if name in form})
    try:
        return read_facts(facts), ()
    except Invalid as error:
        unreadable = [field for field, _ in error.errors]
        return read_facts(msgspec.structs.replace(facts, **dict.fromkeys(unreadable))), unreadable


def _question_page(
    here: Visit,
    catalogue: Catalogue,
    choice: Choice,
    found: Responsible,
    form: Mapping[str, str],
    unreadable: Collection[str],
) -> Response[str]:
    question = _question(found, form)
    wrong = {fact: "unreadable" if fact in unreadable else "missing" for fact in question if fact in found.asks}
    errors = {fact: here.t(f"responsible.{why}.{fact}") for fact, why in wrong.items() if fact in form}
    carried: dict[str, object] = {fact: form[fact] for fact in FACTS if fact in form and fact not in question}
    samples: Mapping[str, str] = SAMPLE if here.site.demo_mode else {}
    return here.page(
        "responsible.html",
        status=400 if errors else 200,
        names=item_lines(here, catalogue, choice.items),
        choice=choice,
        question=question,
        form=dict(samples) | dict(form),
        errors=errors,
        hidden=hidden_of(choice) | carried,
        municipalities=_municipalities(here, catalogue, choice) if "municipality" in question else [],
    )


def _question(found: Responsible, form: Mapping[str, str]) -> tuple[Fact, ...]:
    """The least personal one that is needed; street and house number are one question to people."""
    if found.asks[0] not in ADDRESS:
        return found.asks[:1]
    return tuple(fact for fact in ADDRESS if fact in found.asks or fact in form)


def _municipalities(here: Visit, catalogue: Catalogue, choice: Choice) -> list[tuple[str, str]]:
    """For a choice: those of which rules speak, and anywhere else."""
    named = named_municipalities(catalogue, [choice.service.id])
    return [*((one.ars or one.name, one.name) for one in named), (ELSEWHERE, here.t("responsible.elsewhere"))]


def hidden_of(choice: Choice) -> dict[str, object]:
    return {name: value for name, value in choice.values().items() if value is not None}


ROUTES = (answer,)
