"""What was booked before the day begins: by telephone last week, told in a sentence. It makes the towns' offices as
unequal as offices are, so that the fairest clerk is one and not a matter of chance.
"""

from collections.abc import Sequence
from typing import Any

from tests.booking.day.teller import DAY, Chapters, Teller

CARD = "Personalausweis beantragen (ab 24 Jahre)"
TUESDAY, WEDNESDAY = "2026-11-24", "2026-11-25"
WEGBERG = ("Leyla Quadflieg", "Frank Altmeyer", "Marek Wallraven", "Frank Bürger", "Christoph Wilms")
HEINSBERG = ("Anna Claessen", "Bernd Lennartz", "Ingo Reiners", "Peter Nießen", "Ingo Storms")
REST_OF_HEINSBERG = HEINSBERG[1:2] + HEINSBERG[3:]


async def book(
    day: Teller, tenant: str, clerk: str, start: str, quantity: int = 1, service: str = CARD, **person: Any
) -> Any:
    """By the staff, for somebody who called."""
    who = {"given_name": "Hanna", "family_name": "Winkens", "phone": "02452 4711"} | person
    body = {
        "items": [{"service_id": day.thing_id(tenant, "service", service), "quantity": quantity}],
        "booked_via": "phone",
        "start": f"{start}:00+01:00",
        "clerk_id": day.thing_id(tenant, "clerk", clerk),
        "contact": who,
    }
    return await day.quietly("/v1/staff/appointments", body, day.token(f"{tenant}.lead", "lead", tenant))


async def fill(day: Teller, tenant: str, clerks: Sequence[str], start: str) -> None:
    """Nobody of them has time then."""
    for clerk in clerks:
        await book(day, tenant, clerk, start)


async def begin(day: Teller, tenant: str, clerks: Sequence[str], date: str) -> None:
    """Each clerk's day begins with a visit ten minutes longer than the one before it."""
    for quantity, clerk in enumerate(clerks, 1):
        await book(day, tenant, clerk, f"{date}T07:30", quantity)


async def last_week(day: Teller) -> None:
    await begin(day, "wegberg", WEGBERG, WEDNESDAY)
    await begin(day, "heinsberg", HEINSBERG, DAY)
    await begin(day, "heinsberg", HEINSBERG[:2] + HEINSBERG[3:], TUESDAY)
    await fill(day, "wegberg", WEGBERG, f"{WEDNESDAY}T09:45")
    await fill(day, "heinsberg", REST_OF_HEINSBERG, f"{TUESDAY}T14:00")
    await fill(day, "heinsberg", REST_OF_HEINSBERG, f"{TUESDAY}T15:00")


async def visits_of_the_story(day: Teller) -> None:
    anna, ingo = HEINSBERG[0], HEINSBERG[2]
    day.visit("HILDE", await book(day, "heinsberg", anna, f"{DAY}T08:30", given_name="Hilde", family_name="Corsten"))
    day.visit("EMIL", await book(day, "heinsberg", anna, f"{TUESDAY}T14:00", given_name="Emil", family_name="Schaaf"))
    day.visit(
        "GRETA",
        await book(
            day,
            "heinsberg",
            ingo,
            f"{DAY}T10:00",
            given_name="Greta",
            family_name="Lambertz",
            email="greta@example.org",
        ),
    )
    day.visit("OTTO", await book(day, "heinsberg", ingo, f"{TUESDAY}T15:00", given_name="Otto", family_name="Sonnen"))
    card = day.thing_id("heinsberg", "service", CARD)
    for name, start, person in (
        ("NILS", f"{DAY}T09:00", ("Nils", "Rademacher")),
        ("PAULA", f"{TUESDAY}T14:00", ("Paula", "Hensen")),
    ):
        body = {"items": [{"service_id": card}], "start": f"{start}:00+01:00"}
        held = day.visit(name, await day.quietly("/v1/tenants/heinsberg/appointments", body))
        contact = {"given_name": person[0], "family_name": person[1], "email": f"{person[0].lower()}@example.org"}
        await day.quietly(
            f"/v1/appointments/{held['id']}/confirmation",
            {"contact": contact, "payment": "counter"},
            held["access_token"],
        )


CHAPTERS: Chapters = (last_week, visits_of_the_story)
