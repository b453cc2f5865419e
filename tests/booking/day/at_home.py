"""06:30 to 07:30: citizens at home, on their telephones."""

from tests.booking.day.teller import DAY, Chapters, Teller

WEDNESDAY = "2026-11-25"
CONTACT = {
    "given_name": "Aylin",
    "family_name": "Yıldırım",
    "email": "aylin@example.org",
    "phone": "02434 4711",
    "language": "en",
}


async def search(day: Teller) -> None:
    day.chapter("06:30", "A word with a typing error")
    day.tell("""Aylin lives in Wegberg, and her identity card runs out in January. On the bus she types "Persso". The
        search knows the citizens' words as well as the office's, and forgives the letter too many.""")
    await day.ask(
        "GET",
        "/v1/tenants/wegberg/search",
        q="Persso",
        entries=2,
        show="items.kind items.id items.name items.service.duration_min items.service.fee"
        " items.service.payment_policy items.service.documents",
    )
    day.tell("Places, and what clerks do, are found in the same way; a clerk by name only where a town publishes it.")
    await day.ask(
        "GET",
        "/v1/tenants/kreis-heinsberg/search",
        q="Einbürgerung",
        entries=2,
        show="items.kind items.name items.place.name items.unit items.clerk next_cursor",
    )


async def responsibility(day: Teller) -> None:
    day.chapter("06:34", "Who is responsible, and why")
    day.tell("""Aylin's husband Cem wants his settlement permit, which is the county's business, and there a certain
        clerk's. Which one depends on where he lives and what he is called. He is asked for no more than that, and
        nothing of it stands in a URL.""")
    permit = day.thing("SETTLEMENT_PERMIT", "kreis-heinsberg", "service", "Niederlassungserlaubnis")
    path = "/v1/tenants/kreis-heinsberg/responsibility"
    await day.ask(
        "POST",
        path,
        {"service_ids": [permit]},
        once=False,
        entries=2,
        show="asks municipalities responsibility unit why_en",
    )
    known = {"service_ids": [permit], "municipality": "Wegberg", "surname": "Yıldırım"}
    found = await day.ask("POST", path, known, once=False, show="asks responsibility unit clerk deputy why why_en")
    day.names.give(found["responsibility"], "RESPONSIBILITY_CEM")
    day.tell("""The token names the rule and not the person. With it, times are those of that clerk; on a day on which
        Mr Klomp is away, those of his deputy. The office wants a day's notice, so today has none.""")
    await day.ask(
        "GET",
        "/v1/tenants/kreis-heinsberg/availability",
        items=f"{permit}:1",
        **{"from": DAY},
        days=2,
        responsibility=found["responsibility"],
    )


async def anywhere(day: Teller) -> None:
    day.chapter("06:40", "The earliest, anywhere in the county")
    day.tell("""Her diploma needs a certified copy, and any town may make it. One call looks at all of them; the key
        is the federal one of the service (LeiKa), so nobody needs to know what a town calls it.""")
    await day.ask(
        "GET",
        "/v1/earliest",
        service="99014002035000",
        ars="05370",
        limit=3,
        show="items.tenant items.location.name items.start items.link",
    )


async def availability(day: Teller) -> None:
    day.chapter("06:44", "Times for two services and two persons")
    day.tell("""Two identity cards, hers and Cem's, and a passport for her: one visit of 15 + 10 + 15 minutes, and
        never across a break. `free` counts the times, days without one are listed, too.""")
    card = day.thing("IDENTITY_CARD", "wegberg", "service", "Personalausweis beantragen (ab 24 Jahre)")
    passport = day.thing("PASSPORT", "wegberg", "service", "Reisepass (ab 24 Jahre)")
    await day.ask(
        "GET",
        "/v1/tenants/wegberg/availability",
        items=f"{card}:2,{passport}:1",
        days=3,
        **{"from": DAY},
        show="time_zone days.date days.free days.times",
    )
    day.kept["items"] = [{"service_id": card, "quantity": 2}, {"service_id": passport}]


async def hold(day: Teller) -> None:
    day.chapter("06:47", "Fifteen minutes to think")
    day.tell("""She takes Wednesday at nine. The time is hers for a quarter of an hour; the town's fairest clerk, and
        the room, are known from now on. The token opens this appointment and nothing else.""")
    body = {"items": day.kept["items"], "start": f"{WEDNESDAY}T09:00:00+01:00"}
    held = await day.ask("POST", "/v1/tenants/wegberg/appointments", body, once="aylin-1", status=201)
    day.visit("AYLIN", held)
    day.tell("""The bus drives into a tunnel, and her telephone sends it once more. The same key brings the same
        answer, and no second appointment; another body under that key is refused.""")
    await day.ask(
        "POST",
        "/v1/tenants/wegberg/appointments",
        body,
        once="aylin-1",
        status=201,
        sent="start",
        show="number state version expires_at",
    )
    await day.ask(
        "POST",
        "/v1/tenants/wegberg/appointments",
        body | {"start": f"{WEDNESDAY}T09:15:00+01:00"},
        once="aylin-1",
        status=409,
        sent="start",
    )
    day.tell("Cem has to look at his calendar, so she takes five minutes more; she may ten times (WCAG 2.2.1).")
    await day.ask(
        "POST",
        f"/v1/appointments/{held['id']}/extension",
        token=held["access_token"],
        show="state version expires_at extensions_left",
    )


async def confirm(day: Teller) -> None:
    day.chapter("06:55", "Booked, and paid at the counter")
    day.tell("""162 €: 46 for each card, 70 for the passport. The town lets her choose, and she pays at the counter.
        It is booked at once, a mail with the calendar entry goes out, and this is the whole appointment as its owner
        sees it, here and after every later step:""")
    aylin = day.kept["AYLIN"]
    confirmed = await day.ask(
        "POST",
        f"/v1/appointments/{aylin['id']}/confirmation",
        {"contact": CONTACT, "payment": "counter"},
        token=aylin["access_token"],
    )
    day.visit("AYLIN", confirmed)


CHAPTERS: Chapters = (search, responsibility, anywhere, availability, hold, confirm)
