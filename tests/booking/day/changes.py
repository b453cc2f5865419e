"""07:30: what a citizen may change alone."""

from tests.booking.day.other_towns import settle_commands
from tests.booking.day.teller import Chapters, Teller

THURSDAY = "2026-11-26"


async def items(day: Teller) -> None:
    day.chapter("07:30", "Something else, and the money goes back")
    day.tell("""Leon's identity card turned up behind the sofa, but he needs a certificate of conduct: 13 € in place
        of 46. The visit keeps its time and number and becomes shorter; what was paid too much goes back.""")
    leon = day.kept["LEON"]
    other = day.thing("CERTIFICATE_OF_CONDUCT", "erkelenz", "service", "Führungszeugnis")
    path = f"/v1/appointments/{leon['id']}"
    await day.ask(
        "POST",
        f"{path}/items",
        {"items": [{"service_id": other}]},
        token=leon["access_token"],
        show="state version start end items.service items.quantity items.fee fee payment.paid",
    )
    await settle_commands(day.house, "erkelenz")
    day.tell("Booking's worker asks payment for the refund of 33 €, and hears of it.")
    await day.ask("GET", path, token=leon["access_token"], show="version payment.paid payment.refunded")
    day.tell("""Aylin wants a third card, for her mother. Ten minutes more would reach into a quarter to ten, and then
        all five clerks have somebody: the visit stays as it is, and the answer says when it would fit.""")
    aylin = day.kept["AYLIN"]
    card, passport = day.kept["items"]
    more = {"items": [card | {"quantity": 3}, passport]}
    await day.ask("POST", f"/v1/appointments/{aylin['id']}/items", more, token=aylin["access_token"], status=409)


async def move(day: Teller) -> None:
    day.chapter("07:40", "Another day")
    day.tell("""So she moves to Thursday: one transaction, never without a slot and never with two. Number and
        calendar entry stay, and the third card fits.""")
    aylin = day.kept["AYLIN"]
    path = f"/v1/appointments/{aylin['id']}"
    await day.ask(
        "POST",
        f"{path}/reschedule",
        {"start": f"{THURSDAY}T16:00:00+01:00"},
        token=aylin["access_token"],
        show="number state version start end clerk",
    )
    card, passport = day.kept["items"]
    more = {"items": [card | {"quantity": 3}, passport]}
    await day.ask("POST", f"{path}/items", more, token=aylin["access_token"], show="number version start end fee")
    day.tell("""She loses the mail with the link. Whoever knows number and address gets a new one to that address; the
        answer is always the same, so it tells nobody anything.""")
    lost = {"number": aylin["number"], "email": "aylin@example.org"}
    await day.ask("POST", "/v1/tenants/wegberg/find-appointment", lost, once=False, status=202)


CHAPTERS: Chapters = (items, move)
