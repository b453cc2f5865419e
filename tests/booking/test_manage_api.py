"""The owner's calls and notify's, over HTTP."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from icalendar import Calendar
from tests.booking.sample import PERSO, TENANT, service_id
from tests.booking.support.citizen import CONTACT, Citizen
from tests.booking.support.life import Life
from tests.contracts.reading import read

from kit.tokens import sign_id


async def test_the_whole_life_over_http(citizen: Citizen, life: Life) -> None:
    held = await citizen.hold()
    extended = await citizen.post("extension")
    assert (extended.status_code, extended.json()["extensions_left"]) == (200, 9)
    answer = await citizen.post("confirmation", {"contact": CONTACT, "payment": "online"})
    assert (answer.status_code, answer.json().get("state")) == (200, "awaiting_payment"), answer.text
    payment = answer.json()["payment"]
    assert payment["next_url"].startswith(life.payment.url)
    assert set(payment) >= {"id", "next_url", "expires_at"}
    again = await citizen.post("payment", {"mode": "online"})
    assert again.json()["payment"]["next_url"] == payment["next_url"]
    await life.pay(citizen.access)
    shown = (await citizen.get()).json()
    assert (shown["state"], shown["number"], shown["payment"]["paid"]["amount_cents"]) == (
        "confirmed",
        held["number"],
        4600,
    )
    moved = await citizen.post("reschedule", {"start": "2026-11-26T09:00:00+01:00"})
    assert (moved.status_code, moved.json()["start"], moved.json()["number"]) == (
        200,
        "2026-11-26T09:00:00+01:00",
        held["number"],
    )
    cancelled = await citizen.post("cancellation", {"reason": "ill"})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled_by_citizen")
    await life.check()


async def test_the_same_key_again_has_no_second_effect(citizen: Citizen) -> None:
    await citizen.hold()
    item = {"service_id": str(service_id(PERSO))}
    for verb, body, other in (
        ("extension", None, None),
        ("confirmation", {"contact": CONTACT, "payment": "counter"}, {"contact": CONTACT, "payment": "online"}),
        ("reschedule", {"start": "2026-11-26T09:00:00+01:00"}, {"start": "2026-11-26T10:00:00+01:00"}),
        ("items", {"items": [{**item, "quantity": 2}]}, {"items": [item]}),
        ("cancellation", {"reason": "a"}, {"reason": "b"}),
    ):
        first, second = [await citizen.post(verb, body, key=verb) for _ in range(2)]
        assert (first.status_code, first.json()) == (200, second.json()), verb
        if other:
            reused = await citizen.post(verb, other, key=verb)
            assert (reused.status_code, reused.json()["code"]) == (409, "idempotency_key_reused")


async def test_nobody_learns_what_exists(citizen: Citizen) -> None:
    await citizen.hold()
    mine, token = citizen.id, citizen.token
    await citizen.hold("2026-11-25T09:00:00+01:00")
    other = await citizen.get(token=token)
    citizen.id = str(uuid4())
    nothing = await citizen.get(token=token)
    assert (other.status_code, other.json()) == (404, nothing.json())
    citizen.id = mine
    strange = sign_id("link-key-of-another-house", "access", uuid4())
    for wrong in ("x", "a.b", token[:-2], token + "x", strange, sign_id("link-key-of-the-tests", "feed", uuid4())):
        refused = await citizen.get(token=wrong)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthorised")
    bare = await citizen.client.get(f"/v1/appointments/{mine}")
    assert bare.status_code == 401


async def test_a_link_ends_and_can_be_revoked(citizen: Citizen, life: Life) -> None:
    await citizen.hold()
    await life.pool.execute("UPDATE access_grant SET revoked_at = now()")
    assert (await citizen.get()).status_code == 401
    await life.pool.execute("UPDATE access_grant SET revoked_at = NULL")
    assert (await citizen.get()).status_code == 200
    life.later(days=30)
    assert (await citizen.get()).status_code == 401


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("confirmation", {"payment": "counter"}, "contact"),
        ("confirmation", {"contact": CONTACT | {"email": "nobody"}}, "contact.email"),
        ("confirmation", {"contact": CONTACT | {"role": "admin"}}, "contact"),
        ("confirmation", {"contact": CONTACT, "payment": "cash"}, "payment"),
        ("confirmation", {"contact": CONTACT, "return_url": "https://evil.example"}, "return_url"),
        ("confirmation", {"contact": CONTACT, "fee": 1}, "fee"),
        ("reschedule", {"start": "tomorrow"}, "start"),
        ("reschedule", {"start": "2026-11-26T09:00:00"}, "start"),
        ("items", {"items": [], "start": "2026-11-26T09:00:00"}, "start"),
        ("items", {"services": []}, "services"),
        ("cancellation", {"reason": "x" * 501}, "reason"),
        ("payment", {"mode": "gold"}, "mode"),
    ],
)
async def test_wrong_input_names_its_field(citizen: Citizen, verb: str, body: Any, field: str) -> None:
    await citizen.hold()
    answer = await citizen.post(verb, body)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert field in str(problem), problem
    assert (await citizen.get()).json()["contact"] is None


async def test_a_post_without_a_key_is_refused(citizen: Citizen) -> None:
    await citizen.hold()
    answer = await citizen.client.post(
        f"/v1/appointments/{citizen.id}/extension", headers={"Authorization": f"Bearer {citizen.token}"}
    )
    assert (answer.status_code, "Idempotency-Key" in answer.text) == (400, True)


async def test_payment_away_is_said_with_what_to_do(citizen: Citizen, life: Life) -> None:
    await citizen.hold()
    life.payment.mode = "down"
    answer = await citizen.post("confirmation", {"contact": CONTACT})
    assert (answer.status_code, answer.json()["code"]) == (503, "payment_unavailable")
    assert "try again" in answer.json()["detail"]


async def test_the_calendar_file_is_one_entry_with_our_uid(citizen: Citizen, life: Life) -> None:
    await citizen.hold()
    assert (await citizen.get("/calendar.ics")).status_code == 409
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})
    answer = await citizen.get("/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.text).walk("VEVENT")
    uid, sequence = str(event["uid"]), event["sequence"]
    letter = await citizen.letter()
    assert (uid, sequence) == (letter.citizen.calendar.uid, 0)
    assert "Clerk" not in answer.text
    assert citizen.token not in answer.text
    await citizen.post("reschedule", {"start": "2026-11-26T09:00:00+01:00"})
    (event,) = Calendar.from_ical((await citizen.get("/calendar.ics")).text).walk("VEVENT")
    assert (str(event["uid"]), event["sequence"]) == (uid, 1)
    await citizen.post("cancellation")
    (event,) = Calendar.from_ical((await citizen.get("/calendar.ics")).text).walk("VEVENT")
    assert (str(event["status"]), event["sequence"]) == ("CANCELLED", 2)


@pytest.mark.parametrize(("room", "words"), [("Schalter 4", "Schalter 4"), ("E 04", "Room E 04"), (None, "")])
async def test_the_calendar_file_names_the_room_as_the_mails_do(
    citizen: Citizen, life: Life, room: str | None, words: str
) -> None:
    await citizen.hold()
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})
    await life.pool.execute("UPDATE lane SET room = $1", room)
    (event,) = Calendar.from_ical((await citizen.get("/calendar.ics")).text).walk("VEVENT")
    _, *rest = str(event["location"]).split(", ")
    assert rest[: len(rest) - 2] == ([words] if words else [])


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value[:1]] if isinstance(value, list) else None


async def test_the_letter_has_the_golden_shape_and_tells_the_present(citizen: Citizen, life: Life) -> None:
    await citizen.hold()
    assert (await citizen.fetch_letter()).status_code == 404  # nobody to write to before the binding step
    await citizen.post("confirmation", {"contact": CONTACT})
    letter = await citizen.letter()
    assert (letter.state, letter.continue_url) == ("awaiting_payment", f"{letter.manage_url}/zahlung")
    assert letter.expires_at == datetime.fromisoformat((await citizen.get()).json()["payment"]["expires_at"])
    assert letter.clerks == ()
    await life.pay(citizen.access)
    letter = await citizen.letter()
    golden = read("letter.json")
    paid = json.loads(msgspec.json.encode(letter))
    assert shape(paid) | {"items": None} == shape(golden) | {"items": None}
    assert (letter.payment.mode, letter.payment.state, letter.continue_url) == ("online", "paid", None)
    assert (letter.citizen.name, letter.citizen.language) == ("Erika Mustermann", "en")
    assert [(clerk.live, clerk.start) for clerk in letter.clerks] == [(True, letter.start)]


async def test_the_letters_link_opens_the_appointment(citizen: Citizen) -> None:
    await citizen.hold()
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})
    letter = await citizen.letter()
    base, _, token = letter.manage_url.rpartition("/")
    assert base == f"https://termine.example/{TENANT}/zugang"
    assert (await citizen.get(token=token)).status_code == 200


async def test_only_notify_reads_letters(citizen: Citizen) -> None:
    await citizen.hold()
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})
    assert (await citizen.fetch_letter("wrong")).status_code == 401
    assert (await citizen.fetch_letter(citizen.token)).status_code == 401
    citizen.id = str(uuid4())
    assert (await citizen.fetch_letter()).status_code == 404


async def find(citizen: Citizen, number: str, email: str) -> Any:
    return await citizen.client.post(f"/v1/tenants/{TENANT}/find-appointment", json={"number": number, "email": email})


async def test_a_lost_link_is_sent_again_and_the_answer_is_always_the_same(citizen: Citizen, life: Life) -> None:
    held = await citizen.hold()
    number = held["number"]
    assert (await find(citizen, number, CONTACT["email"])).status_code == 202  # not bound yet: nobody is written to
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})
    answers = [
        await find(citizen, number, "other@example.org"),
        await find(citizen, "AAAA-BBBB", CONTACT["email"]),
        await find(citizen, number.lower().replace("-", " "), "ERIKA@example.org "),
        await find(citizen, number, CONTACT["email"]),  # within a minute
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert (await life.events(citizen.access)).count("link_requested") == 1
    life.clock.now += timedelta(minutes=2)
    await find(citizen, number, CONTACT["email"])
    assert (await life.events(citizen.access)).count("link_requested") == 2
    await life.check()


async def test_a_lost_link_that_ended_is_replaced(citizen: Citizen, life: Life) -> None:
    held = await citizen.hold()
    await citizen.post("confirmation", {"contact": CONTACT, "payment": "counter"})
    await life.pool.execute("UPDATE access_grant SET revoked_at = now()")
    await find(citizen, held["number"], CONTACT["email"])
    token = (await citizen.letter()).manage_url.rpartition("/")[2]
    assert (await citizen.get(token=token)).status_code == 200
