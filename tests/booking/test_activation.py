"""A guest proves the mail address before the appointment counts, where the tenant wants it."""

import asyncio
from typing import Any

import msgspec
import pytest
from tests.booking.sample import MARRIAGE, TENANT, service_id
from tests.booking.support.citizen import CONTACT, Citizen
from tests.booking.support.life import Life, at

from booking.usecases.expire_appointments import expire_appointments
from kit.tokens import sign_id

COUNTER = {"contact": CONTACT, "payment": "counter"}
ONLINE = {"contact": CONTACT, "payment": "online"}


@pytest.fixture(autouse=True)
async def wanted(life: Life) -> None:
    await life.pool.execute("UPDATE tenant SET profile = profile || '{\"mail_activation\": true}'")


async def ask(citizen: Citizen, body: Any = COUNTER) -> str:
    """Take the binding step; gives the token that only the mail holds."""
    await citizen.hold()
    answer = await citizen.post("confirmation", body)
    assert (answer.status_code, answer.json().get("state")) == (200, "awaiting_email"), answer.text
    return await mailed_token(citizen)


async def mailed_token(citizen: Citizen) -> str:
    url = (await citizen.letter()).activation_url
    assert url
    base, _, token = url.rpartition("/")
    assert base == f"https://termine.example/{TENANT}/aktivierung"
    return token


async def test_the_link_in_the_mail_confirms(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen)
    waiting = (await citizen.get()).json()
    assert waiting["expires_at"] == "2026-11-23T08:30:00+01:00"
    answer = await citizen.post("activation", token=token)
    assert (answer.status_code, answer.json()["state"], answer.json()["payment"]["mode"]) == (
        200,
        "confirmed",
        "counter",
    )
    assert await life.events(citizen.access) == ["held", "activation_requested", "confirmed"]
    assert await life.pool.fetchval("SELECT verified_at FROM contact") == life.clock()
    assert (await citizen.letter()).activation_url is None
    await life.check()


async def test_the_link_leads_on_to_the_checkout(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen, ONLINE)
    assert life.payment.created == []
    answer = (await citizen.post("activation", token=token)).json()
    assert answer["state"] == "awaiting_payment"
    assert answer["payment"]["next_url"].startswith(life.payment.url)
    assert (await life.pay(citizen.access)).state == "confirmed"
    await life.check()


async def test_the_appointments_own_token_does_not_activate(citizen: Citizen) -> None:
    token = await ask(citizen)
    refused = await citizen.post("activation")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorised")
    strange = await citizen.post("activation", token=sign_id("another-key-of-another-house", "access", service_id("x")))
    assert strange.status_code == 401
    assert (await citizen.get(token=token)).status_code == 401  # and the mail's token opens nothing else
    assert (await citizen.get()).json()["state"] == "awaiting_email"


async def test_a_token_of_another_appointment_is_answered_like_an_unknown_one(citizen: Citizen) -> None:
    token = await ask(citizen)
    await ask(citizen)
    assert (await citizen.post("activation", token=token)).status_code == 404


@pytest.mark.parametrize("body", [COUNTER, ONLINE])
async def test_there_is_no_way_around_the_mail(citizen: Citizen, life: Life, body: dict[str, Any]) -> None:
    await ask(citizen, body)
    assert (await citizen.post("confirmation", body)).json()["state"] == "awaiting_email"
    for mode in ("online", "counter"):
        assert (await citizen.post("payment", {"mode": mode})).status_code == 409
    other = COUNTER | {"contact": CONTACT | {"email": None, "phone": "02452 4711"}}
    assert (await citizen.post("confirmation", other)).status_code == 409
    life.later(minutes=31)
    await expire_appointments(life.pool, life.clock)
    for mode in ("online", "counter"):
        assert (await citizen.post("payment", {"mode": mode})).status_code == 409
    assert (await citizen.post("confirmation", body)).json()["state"] == "awaiting_email"  # asked again, slot retaken
    await life.check()


async def test_a_telephone_number_alone_needs_no_mail(citizen: Citizen) -> None:
    await citizen.hold()
    body = COUNTER | {"contact": CONTACT | {"email": None, "phone": "02452 4711"}}
    assert (await citizen.post("confirmation", body)).json()["state"] == "confirmed"


async def test_it_is_a_tenants_choice(citizen: Citizen, life: Life) -> None:
    await life.pool.execute("UPDATE tenant SET profile = profile - 'mail_activation'")
    await citizen.hold()
    assert (await citizen.post("confirmation", COUNTER)).json()["state"] == "confirmed"


async def test_twice_is_once_also_at_the_same_moment(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen, ONLINE)
    answers = await asyncio.gather(*(citizen.post("activation", token=token) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    again = await citizen.post("activation", token=token)
    assert (again.status_code, again.json()["state"]) == (200, "awaiting_payment")
    assert len(life.payment.payments) == 1
    assert (await life.events(citizen.access)).count("awaiting_payment") == 1
    await life.check()


async def test_who_is_late_gets_the_same_time_if_it_is_free(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen)
    life.later(minutes=31)
    await expire_appointments(life.pool, life.clock)
    assert (await citizen.get()).json()["state"] == "expired"
    assert (await citizen.post("activation", token=token)).json()["state"] == "confirmed"
    await life.check()


async def test_who_is_late_and_slower_gets_a_conflict(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen)
    life.later(minutes=31)
    for _ in range(3):
        await life.hold(at("08:00"))
    answer = await citizen.post("activation", token=token)
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert (await citizen.get()).json()["state"] == "expired"
    assert await life.pool.fetchval("SELECT verified_at FROM contact") is None
    await life.check()


async def test_a_time_that_is_past_becomes_no_visit(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen)
    life.clock.now = at("07:59")
    await expire_appointments(life.pool, life.clock)
    await life.pool.execute("UPDATE access_grant SET expires_at = expires_at + interval '1 day'")
    life.clock.now = at("08:01")
    answer = await citizen.post("activation", token=token)
    assert (answer.status_code, answer.json()["code"]) == (409, "hold_expired")


async def test_what_was_cancelled_is_not_activated(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen)
    assert (await citizen.post("cancellation")).json()["state"] == "cancelled_by_citizen"
    assert (await citizen.post("activation", token=token)).status_code == 409
    await life.check()


async def test_the_mail_is_sent_again_once_a_minute_and_five_times(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen)
    refused = await citizen.post("activation-mail")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    for _ in range(4):
        life.later(minutes=2)
        assert (await citizen.post("activation-mail", {})).status_code == 200
    assert (await life.events(citizen.access)).count("activation_requested") == 5
    assert await mailed_token(citizen) == token
    life.later(minutes=2)
    assert (await citizen.post("activation-mail")).status_code == 429
    await life.check()


async def test_a_mistyped_address_is_corrected_and_its_link_is_void(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen)
    life.later(minutes=2)
    wrong = await citizen.post("activation-mail", {"email": "erika@example"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "contact.email")
    answer = await citizen.post("activation-mail", {"email": "erika.m@example.org"})
    assert answer.json()["contact"]["email"] == "erika.m@example.org"
    assert (await citizen.post("activation", token=token)).status_code == 401
    right = await mailed_token(citizen)
    assert (await citizen.post("activation", token=right)).json()["state"] == "confirmed"
    assert (await citizen.post("activation-mail")).status_code == 409


async def test_waiting_can_be_extended_and_ends_after_ninety_minutes(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen, ONLINE)
    first = (await citizen.post("extension")).json()
    assert (first["state"], first["extensions_left"], first["expires_at"]) == (
        "awaiting_email",
        9,
        "2026-11-23T08:35:00+01:00",
    )
    for _ in range(9):
        last = (await citizen.post("extension")).json()
    assert last["expires_at"] == "2026-11-23T09:20:00+01:00"  # 90 minutes, less what a checkout needs
    life.later(minutes=79)
    answer = (await citizen.post("activation", token=token)).json()
    assert answer["state"] == "awaiting_payment"
    await life.check()


async def test_payment_away_is_tried_again_by_the_same_link(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen, ONLINE)
    life.payment.mode = "down"
    answer = await citizen.post("activation", token=token)
    assert (answer.status_code, answer.json()["code"]) == (503, "payment_unavailable")
    life.payment.mode = "up"
    assert (await citizen.post("activation", token=token)).json()["state"] == "awaiting_payment"
    assert len(life.payment.payments) == 1


async def test_an_activation_against_the_clock_and_another_booker_leaves_one_visit(
    citizen: Citizen, life: Life
) -> None:
    """One registrar: either the late link takes the time again, or the newcomer has it."""
    for hour in ("08", "09", "10", "11"):
        start = f"2026-11-25T{hour}:00:00+01:00"
        first, second = Citizen(citizen.client), Citizen(citizen.client)
        await first.hold(start, MARRIAGE)
        await first.post("confirmation", COUNTER)
        token = await mailed_token(first)
        life.later(minutes=30)
        late, held = await asyncio.gather(first.post("activation", token=token), second.try_to_hold(start, MARRIAGE))
        assert (late.status_code, held.status_code) in {(200, 409), (409, 201)}
        await life.check()


async def test_a_letter_says_what_the_office_wrote(citizen: Citizen, life: Life) -> None:
    token = await ask(citizen)
    await citizen.post("activation", token=token)
    await life.pool.execute("UPDATE appointment SET office_note = 'Bitte Eingang B'")
    assert msgspec.to_builtins(await citizen.letter())["office_note"] == "Bitte Eingang B"
