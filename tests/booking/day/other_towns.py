"""07:00 to 07:30: what other towns want of those who book, each by its own setting."""

from typing import Any

from altcha import Challenge, Payload, solve_challenge
from tests.booking.day.teller import Chapters, House, Teller
from tests.booking.support.citizen import SERVICE_TOKEN
from tests.booking.support.payment_news import hear

from booking.usecases.send_commands import send_commands

CARD = "Personalausweis beantragen (ab 24 Jahre)"
TUESDAY = "2026-11-24"


def contact(given_name: str, family_name: str, **more: str) -> dict[str, str]:
    return {"given_name": given_name, "family_name": family_name, "email": f"{given_name.lower()}@example.org"} | more


async def reserve(day: Teller, name: str, tenant: str, service_id: str, start: str) -> Any:
    body = {"items": [{"service_id": service_id}], "start": start}
    return day.visit(name, await day.quietly(f"/v1/tenants/{tenant}/appointments", body))


async def by_mail(day: Teller) -> None:
    day.chapter("07:00", "A town that wants the mail address proved")
    day.tell("""Jan Heinen books in Waldfeucht, which has `mail_activation` in its profile. His binding step does not
        book yet: it sends a mail, and the slot waits for half an hour.""")
    card = day.thing("CARD_IN_WALDFEUCHT", "waldfeucht", "service", CARD)
    jan = await reserve(day, "JAN", "waldfeucht", card, f"{TUESDAY}T09:00:00+01:00")
    path = f"/v1/appointments/{jan['id']}"
    body = {"contact": contact("Jan", "Heinen"), "payment": "counter"}
    await day.ask("POST", f"{path}/confirmation", body, token=jan["access_token"], show="state version expires_at")
    day.tell("""What stands in the mail is asked for by notify, with the services' own token; so the link is in no
        event and in no queue.""")
    day.names.give(SERVICE_TOKEN, "SERVICE_TOKEN")
    letter = await day.ask("GET", f"/internal{path}/letter", token=SERVICE_TOKEN, show="state activation_url")
    mailed = letter["activation_url"].rpartition("/")[2]
    day.names.give(mailed, "TOKEN_OF_THE_MAIL")
    day.tell("His click confirms. Only the mail's token does it, and it does nothing else.")
    await day.ask("POST", f"{path}/activation", token=mailed, show="state version expires_at payment.due_at_counter")


async def by_challenge(day: Teller) -> None:
    day.chapter("07:08", "A town that asks for a moment's work")
    day.tell("""Wassenberg lets browsers solve a small riddle (ALTCHA) before the binding step, against machines that
        book by the hundred. It is bound to town and step, and good for one use.""")
    card = day.thing("CARD_IN_WASSENBERG", "wassenberg", "service", CARD)
    challenge = await day.ask(
        "GET",
        "/v1/tenants/wassenberg/challenge",
        action="confirm",
        show="parameters.algorithm parameters.cost parameters.keyLength parameters.data",
    )
    parsed = Challenge.from_dict(challenge)
    solved = Payload(parsed, solve_challenge(parsed)).to_base64()
    day.names.give(solved, "SOLUTION")
    mia, tom = [
        await reserve(day, name, "wassenberg", card, f"{TUESDAY}T{time}:00+01:00")
        for name, time in (("MIA", "09:00"), ("TOM", "10:00"))
    ]
    body = {"contact": contact("Mia", "Peters"), "payment": "counter", "altcha": solved}
    await day.ask("POST", f"/v1/appointments/{mia['id']}/confirmation", body, token=mia["access_token"], show="state")
    day.tell("A second use is refused. Without any, and so without JavaScript, the mail takes its place.")
    for_tom = {"contact": contact("Tom", "Weber"), "payment": "counter"}
    path = f"/v1/appointments/{tom['id']}/confirmation"
    await day.ask("POST", path, for_tom | {"altcha": solved}, token=tom["access_token"], status=400)
    await day.ask("POST", path, for_tom, token=tom["access_token"], show="state")


async def by_caps(day: Teller) -> None:
    day.chapter("07:15", "Nobody hoards")
    day.tell("""Gangelt has the house's caps: of one person, three visits a day for the same service. Somebody tries a
        fourth, with the same mail address written in capitals and another name.""")
    card = day.thing("CARD_IN_GANGELT", "gangelt", "service", CARD)
    for n, time in enumerate(("09:00", "10:00", "11:00"), 1):
        one = await reserve(day, f"HOARDER_{n}", "gangelt", card, f"{TUESDAY}T{time}:00+01:00")
        body = {"contact": contact("Rolf", "Greiner"), "payment": "counter"}
        await day.quietly(f"/v1/appointments/{one['id']}/confirmation", body, one["access_token"])
    one = await reserve(day, "HOARDER_4", "gangelt", card, f"{TUESDAY}T12:00:00+01:00")
    body = {"contact": contact("Ralf", "Graf", email="ROLF@example.org"), "payment": "counter"}
    await day.ask("POST", f"/v1/appointments/{one['id']}/confirmation", body, token=one["access_token"], status=429)


async def online(day: Teller) -> None:
    day.chapter("07:20", "Paid online")
    day.tell("""Leon, in Erkelenz, pays before he comes. Booking asks the payment service for a checkout, and the slot
        is his for 35 minutes more. (Here a stand-in of payment's HTTP answers; the journeys under `tests/journeys` go
        through the real one, with a browser.)""")
    leon = await reserve(
        day, "LEON", "erkelenz", day.thing("CARD_IN_ERKELENZ", "erkelenz", "service", CARD), f"{TUESDAY}T10:00:00+01:00"
    )
    path = f"/v1/appointments/{leon['id']}"
    day.names.give(day.house.payment.url, "https://payment.example")
    going = await day.ask(
        "POST",
        f"{path}/confirmation",
        {"contact": contact("Leon", "Jansen"), "payment": "online", "return_url": "https://termine.example/erkelenz"},
        token=leon["access_token"],
        show="state expires_at payment.id payment.state payment.next_url payment.expires_at",
    )
    day.names.give(going["payment"]["id"], "PAYMENT_LEON")
    day.tell("""He pays. Payment's event says so, booking confirms and asks for the capture in the same transaction,
        and the next event says that the money is there.""")
    await pay(day.house, "erkelenz", going["payment"]["id"])
    await day.ask(
        "GET",
        path,
        token=leon["access_token"],
        show="state version payment.mode payment.state payment.paid payment.treasury_reference",
    )


async def by_telephone(day: Teller) -> None:
    day.chapter("07:25", "Without a way to town")
    day.tell("""Where a service is offered by telephone or video, too, `channel` says so, to the list of times and to
        the hold. Ruth asks about housing benefit from her sofa, and the office will call her.""")
    advice = day.thing("HOUSING_BENEFIT", "wegberg", "service", "Wohngeld – Beratung/Antrag")
    body = {"items": [{"service_id": advice}], "start": f"{TUESDAY}T09:00:00+01:00", "channel": "phone"}
    held = await day.ask(
        "POST", "/v1/tenants/wegberg/appointments", body, status=201, show="id number state start end fee_kind"
    )
    ruth = day.visit("RUTH", held)
    await day.ask(
        "POST",
        f"/v1/appointments/{ruth['id']}/confirmation",
        {"contact": {"given_name": "Ruth", "family_name": "Beckers", "phone": "02434 4712"}},
        token=ruth["access_token"],
        show="number state channel unit contact",
    )
    day.tell("The same service by video is not offered there, and the answer names the field.")
    await day.ask(
        "POST",
        "/v1/tenants/wegberg/appointments",
        body | {"channel": "video"},
        status=400,
        sent="channel",
        show="errors",
    )


async def pay(house: House, tenant: str, payment_id: str) -> None:
    """As payment's events and booking's worker do it."""
    paying = house.payment
    id_ = next(id_ for id_ in paying.payments if str(id_) == payment_id)
    await hear(house.pool, house.clock, tenant, paying.change(id_, state="authorised"))
    await settle_commands(house, tenant)


async def settle_commands(house: House, tenant: str) -> None:
    """The worker asks payment for what booking decided, and payment tells what became of it."""
    await send_commands(house.pool, house.payments, house.clock)
    for payment in house.payment.payments.values():
        await hear(house.pool, house.clock, tenant, payment)


CHAPTERS: Chapters = (by_mail, by_challenge, by_caps, online, by_telephone)
