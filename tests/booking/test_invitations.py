"""Invitation links: a service is fixed, one appointment comes of it, and nothing personal outlives it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.booking.sample import MARRIAGE, PASS, PERSO, TENANT, service_id
from tests.booking.support.callers import Callers, code_of
from tests.booking.support.guest import WISH, Guest, invite
from tests.booking.support.life import Life, at
from tests.booking.support.office import Office

from booking.domain.errors import SlotTaken
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.expire_appointments import expire_appointments
from booking.usecases.follow_invitation import clear_invitations
from contracts.booking import InvitationEvent, InvitationLetter

EMAIL = "otto.sonnenschein@example.org"


async def state_of(callers: Callers, invitation: dict[str, Any]) -> str:
    return str((await callers.staff("GET", f"invitations/{invitation['id']}")).json()["state"])


async def test_one_appointment_comes_of_it(life: Life, callers: Callers) -> None:
    guest, invitation = await invite(callers, note="Ihr Pass ist da.")
    shown = (await guest.call("GET")).json()
    assert (shown["items"], shown["note"]) == (WISH["items"], "Ihr Pass ist da.")
    days = (await guest.call("GET", "/availability", **{"from": "2026-11-25", "days": 1})).json()["days"]
    assert days[0]["times"][0] == "08:00"
    access = await guest.held()
    assert await state_of(callers, invitation) == "open"
    view = await life.confirm(access, "counter")
    assert [(item.service, item.quantity) for item in view.items] == [(PASS, 2)]
    seen = (await callers.staff("GET", f"invitations/{invitation['id']}")).json()
    assert (seen["state"], seen["appointment_id"], seen["note"], seen["url"]) == (
        "used", str(access.appointment_id), "", None,
    )  # fmt: skip
    assert code_of(await guest.hold("09:00")) == (410, "gone")
    await cancel_appointment(life.pool, life.clock, access)
    assert code_of(await guest.hold("09:00")) == (410, "gone"), "used is used"


async def test_a_reservation_that_lapses_gives_it_back(life: Life, callers: Callers) -> None:
    guest, invitation = await invite(callers)
    first = await guest.held()
    assert code_of(await guest.hold("09:00")) == (409, "conflict")
    life.later(minutes=15)
    second = await guest.held("09:00")
    with pytest.raises(SlotTaken):
        await life.confirm(first, "counter")
    await life.confirm(second, "counter")
    assert await state_of(callers, invitation) == "used"
    with pytest.raises(SlotTaken):
        await life.confirm(first, "counter")
    await life.check()


async def test_two_clicks_at_once_are_one_appointment(life: Life, callers: Callers) -> None:
    guest, _ = await invite(callers)
    same = await asyncio.gather(*(guest.hold(key="the same") for _ in range(4)))
    assert {answer.json().get("id") for answer in same} == {same[0].json()["id"]}
    guest, _ = await invite(callers)
    answers = await asyncio.gather(*(guest.hold(f"{9 + n // 4:02}:{n % 4 * 15:02}") for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    await life.check()


async def test_money_that_comes_late_finds_the_invitation_used(life: Life, callers: Callers) -> None:
    guest, invitation = await invite(callers)
    late = await guest.held()
    view = await life.confirm(late)
    assert view.payment.id
    life.later(minutes=40)
    await expire_appointments(life.pool, life.clock)
    await life.confirm(await guest.held("09:00"), "counter")
    await life.hear(life.payment.change(view.payment.id, state="authorised"))
    assert (await life.view(late)).state == "expired"
    assert [verb for verb, _ in await life.commands(late)] == ["cancel"]
    assert (await callers.staff("GET", f"invitations/{invitation['id']}")).json()["appointment_id"] != str(
        late.appointment_id
    )


async def test_a_payment_confirms_and_uses_it(life: Life, callers: Callers) -> None:
    guest, invitation = await invite(callers)
    access = await guest.held()
    await life.confirm(access)
    assert await state_of(callers, invitation) == "open"
    await life.pay(access)
    assert await state_of(callers, invitation) == "used"


async def test_what_is_withdrawn_cannot_be_confirmed(life: Life, callers: Callers) -> None:
    guest, invitation = await invite(callers, email=EMAIL)
    access = await guest.held()
    path = f"invitations/{invitation['id']}/withdrawal"
    for _ in "ab":
        answer = await callers.staff("POST", path, roles=("clerk",))
        assert (answer.json()["state"], answer.json()["email"]) == ("withdrawn", None)
    assert code_of(await guest.call("GET")) == (410, "gone")
    with pytest.raises(SlotTaken):
        await life.confirm(access, "counter")


async def test_services_that_are_not_public_are_booked_by_invitation_alone(life: Life, callers: Callers) -> None:
    await life.pool.execute("UPDATE service SET audience = 'internal' WHERE name = $1", PASS)
    await life.pool.execute("UPDATE tenant SET catalogue_version = catalogue_version + 1")
    body = {"items": WISH["items"], "start": at("08:00").isoformat()}
    url = f"/v1/tenants/{TENANT}"
    refused = await callers.client.post(f"{url}/appointments", json=body, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "items[0].service_id")
    listed = await callers.client.get(f"{url}/availability", params={"items": str(service_id(PASS))})
    assert code_of(listed) == (400, "invalid_request")
    found = [item["name"] for item in (await callers.client.get(f"{url}/services")).json()["items"]]
    assert PASS not in found
    assert PERSO in found
    guest, _ = await invite(callers)
    access = await guest.held()
    await life.confirm(access, "counter")
    moved = await callers.citizen("POST", access, "/reschedule", {"start": at("10:00").isoformat()})
    assert moved.status_code == 200, "what was booked by it can be moved"


async def test_a_clerk_invites_to_himself(life: Life, office: Office, callers: Callers) -> None:
    guest, _ = await invite(callers, clerk_id=str(await office.clerk(1)))
    assert await office.clerk_of(await guest.held()) == "Clerk 1"
    guest, _ = await invite(callers, clerk_id=str(await office.clerk(1)))
    assert code_of(await guest.hold()) == (409, "slot_taken")
    registrar = {"items": [{"service_id": str(service_id(MARRIAGE))}], "clerk_id": str(await office.clerk(1))}
    refused = await callers.staff("POST", "invitations", registrar)
    assert code_of(refused) == (400, "invalid_request")


async def test_the_mail_s_letter_tells_the_present(life: Life, callers: Callers) -> None:
    _, silent = await invite(callers)
    guest, invitation = await invite(callers, email=EMAIL, language="en", note="Bring\nyour old one.")
    rows = await life.pool.fetch("SELECT payload FROM outbox WHERE subject = 'booking.invitation.sent'")
    event = msgspec.convert(rows[0]["payload"], InvitationEvent)
    assert (len(rows), str(event.invitation_id), event.tenant) == (1, invitation["id"], TENANT)
    assert EMAIL not in str([dict(row) for row in await life.pool.fetch("SELECT payload::text FROM outbox")])
    assert EMAIL not in str(await life.pool.fetch("SELECT answer::text FROM idempotent_answer"))

    async def letter(id_: str) -> Any:
        headers = {"Authorization": "Bearer service-token-of-the-tests"}
        return await callers.client.get(f"/internal/v1/invitations/{id_}/letter", headers=headers)

    said = msgspec.json.decode((await letter(invitation["id"])).content, type=InvitationLetter)
    assert (said.email, said.language, said.note, said.unit) == (EMAIL, "en", "Bring\nyour old one.", "Bürgerbüro")
    assert said.url == invitation["url"]
    assert said.items[0].quantity == 2
    assert (await letter(silent["id"])).status_code == 404
    assert (await callers.client.get(f"/internal/v1/invitations/{invitation['id']}/letter")).status_code == 401
    await life.confirm(await guest.held(), "counter")
    assert (await letter(invitation["id"])).status_code == 404
    assert await life.pool.fetchval("SELECT count(*) FROM invitation WHERE email IS NOT NULL OR note <> ''") == 0


async def test_its_time_ends_and_what_is_personal_goes_with_it(life: Life, callers: Callers) -> None:
    guest, invitation = await invite(callers, email=EMAIL, expires_at="2026-11-24T07:00:00Z")
    held = await guest.held()
    life.later(days=1)
    assert code_of(await guest.call("GET")) == (410, "gone")
    assert await state_of(callers, invitation) == "expired"
    await clear_invitations(life.pool, life.clock)
    assert await life.pool.fetchval("SELECT count(*) FROM invitation WHERE email IS NOT NULL") == 0
    life.clock.now = life.began + timedelta(minutes=1)
    await life.confirm(held, "counter")


async def test_least_privilege(life: Life, callers: Callers) -> None:
    _, invitation = await invite(callers)
    path = f"invitations/{invitation['id']}"
    other = {"roles": ("clerk",), "subject": "bernd"}
    assert code_of(await callers.staff("GET", path, **other)) == (404, "not_found")
    assert code_of(await callers.staff("POST", f"{path}/withdrawal", **other)) == (404, "not_found")
    assert (await callers.staff("GET", "invitations", **other)).json()["items"] == []
    listed = (await callers.staff("GET", "invitations")).json()["items"]
    assert [(item["id"], item.get("url")) for item in listed] == [(invitation["id"], None)]
    for answer in (
        await callers.staff("POST", "invitations", WISH, roles=("admin",)),
        await callers.staff("GET", "invitations", roles=("admin",)),
    ):
        assert code_of(answer) == (403, "forbidden")
    assert code_of(await callers.staff("GET", path, tenant="anderswo")) == (404, "not_found")
    for token in ("x", invitation["url"].rpartition("/")[2][:-3] + "AAA"):
        assert code_of(await Guest(callers, token).call("GET")) == (401, "unauthorised")
    for wrong in (
        {"items": []},
        {"items": [{"service_id": str(uuid4())}]},
        {"email": "nobody"},
        {"email": "a\u0000@example.org"},
        {"expires_at": "2026-11-22T00:00:00Z"},
        {"expires_at": "2028-11-22T00:00:00Z"},
        {"clerk_id": str(uuid4())},
        {"location_id": str(uuid4())},
        {"language": "fr"},
        {"colour": "red"},
    ):
        assert code_of(await callers.staff("POST", "invitations", WISH | wrong)) == (400, "invalid_request"), wrong
    same = [await callers.staff("POST", "invitations", WISH, key="k") for _ in "ab"]
    assert same[0].json() == same[1].json()
