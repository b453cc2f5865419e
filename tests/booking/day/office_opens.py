"""08:00 to 09:00 in Heinsberg: Anna Claessen's counter."""

from tests.booking.day.teller import DAY, Chapters, Teller

TUESDAY = "2026-11-24"
SEEN = "number state start end booked_via clerk.display_name clerk.room person payment.due_at_counter"


async def list_of_the_day(day: Teller) -> None:
    day.chapter("08:00", "Anna's list")
    day.tell("""Anna Claessen is a clerk in Heinsberg's Bürgerbüro, and her token says so: subject, town, roles. The
        town is the token's, never one of the URL. `clerk=me` are her own visits.""")
    anna = day.kept["anna"] = day.staff("ANNA", "anna.claessen", "clerk")
    day.kept["anna's id"] = day.thing("ANNA_CLAESSEN", "heinsberg", "clerk", "Anna Claessen")
    await day.ask(
        "GET",
        "/v1/staff/appointments",
        token=anna,
        day=DAY,
        clerk="me",
        entries=3,
        show="items.number items.state items.start items.end items.items.service items.items.quantity"
        " items.person items.flags next_cursor",
    )
    day.tell("A role allows what it says and nothing more: whom to delete is an administrator's business.")
    await day.ask("GET", "/v1/staff/deletions", token=anna, status=403)


async def caller(day: Teller) -> None:
    day.chapter("08:05", "Booked for a caller")
    day.tell("""Karl Dreßen, 84, calls. Anna sees what the staff may book, each five minutes, and books for him; who
        has no mail address gets no mail, and the flag says so.""")
    card = day.thing("CARD_IN_HEINSBERG", "heinsberg", "service", "Personalausweis beantragen (ab 24 Jahre)")
    anna = day.kept["anna"]
    await day.ask(
        "GET",
        "/v1/staff/availability",
        token=anna,
        items=f"{card}:1",
        clerk="me",
        days=1,
        **{"from": TUESDAY},
        show="days.date days.free",
    )
    body = {
        "items": [{"service_id": card}],
        "booked_via": "phone",
        "start": f"{TUESDAY}T09:20:00+01:00",
        "clerk_id": day.kept["anna's id"],
        "contact": {"given_name": "Karl", "family_name": "Dreßen", "phone": "02452 130"},
    }
    booked = await day.ask("POST", "/v1/staff/appointments", body, token=anna, status=201, show=f"{SEEN} flags")
    day.visit("KARL", booked)


async def walk_in(day: Teller) -> None:
    day.chapter("08:12", "Somebody stands at the counter")
    day.tell("""A woman without an appointment needs a certificate of registration. No name is needed: the next free
        minutes are hers, she is checked in, and her number is called.""")
    anna = day.kept["anna"]
    certificate = day.thing("REGISTRATION_CERTIFICATE", "heinsberg", "service", "Meldebescheinigung")
    body = {"items": [{"service_id": certificate}], "booked_via": "walk_in", "clerk_id": day.kept["anna's id"]}
    visit = await day.ask("POST", "/v1/staff/appointments", body, token=anna, status=201, show=SEEN)
    day.visit("WALK_IN", visit)
    path = f"/v1/staff/appointments/{visit['id']}"
    await day.ask("POST", f"{path}/call", token=anna, show="state version")
    await day.ask("POST", f"{path}/completion", token=anna, show="state version")
    day.tell("She pays nine euros in cash. Schalter handles none; it notes it, so that statistics are true.")
    await day.ask(
        "POST",
        f"{path}/counter-payment",
        {"amount_cents": 900},
        token=anna,
        show="payment.fee_kind payment.paid_at_counter history",
    )


async def arrival(day: Teller) -> None:
    day.chapter("08:40", "Arrived, and not arrived")
    day.tell("""Nils has nine o'clock. He scans the poster at the entrance, whose code the staff prints, and so
        announces himself.""")
    anna, nils, hilde = day.kept["anna"], day.kept["NILS"], day.kept["HILDE"]
    places = await day.ask("GET", "/v1/staff/locations", token=anna)
    code = places["items"][0]["arrival_code"]
    day.names.give(code, "ARRIVAL_CODE")
    await day.ask(
        "POST",
        f"/v1/appointments/{nils['id']}/check-in",
        {"location_code": code},
        token=nils["access_token"],
        show="number state version clerk",
    )
    day.tell("""Hilde had half past eight and is not here. She cannot be missed before her time, but now she can; and
        when she comes at ten to nine after all, Anna scans the number in her QR code, and she has arrived.""")
    await day.ask("POST", f"/v1/staff/appointments/{nils['id']}/no-show", token=anna, status=409)
    await day.ask("POST", f"/v1/staff/appointments/{hilde['id']}/no-show", token=anna, show="number state")
    await day.ask("POST", "/v1/staff/check-ins", {"number": hilde["number"]}, token=anna, show="number state version")


CHAPTERS: Chapters = (list_of_the_day, caller, walk_in, arrival)
