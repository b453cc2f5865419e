"""How a clerk's calendar learns of visits: chosen by the clerk, told to notify by event, and read by notify."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.booking.conftest import MONDAY
from tests.booking.sample import SUBJECTS, TENANT
from tests.booking.support.desk import Desk

from booking.domain.configuration import id_for
from contracts.booking import LETTERS_MAX

CLERK = id_for(TENANT, "clerk", "Clerk 0")
SERVICE = {"Authorization": "Bearer service-token-of-the-tests"}


@pytest.fixture
def own(desk: Desk) -> str:
    """The token of Clerk 0."""
    return desk.token("clerk", subject=SUBJECTS[0])


async def choose(desk: Desk, channel: str, token: str, clerk: UUID = CLERK) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return await desk.client.put(f"/v1/staff/clerks/{clerk}/calendar", json={"channel": channel}, headers=headers)


async def told(desk: Desk) -> list[dict[str, Any]]:
    rows = await desk.life.pool.fetch(
        "SELECT payload FROM outbox WHERE subject = 'booking.clerk.calendar_changed' ORDER BY position"
    )
    return [row["payload"] for row in rows]


async def agenda(desk: Desk, clerk: UUID = CLERK) -> Any:
    span = {"since": MONDAY.isoformat(), "until": (MONDAY + timedelta(days=30)).isoformat()}
    return await desk.client.get(f"/internal/v1/clerks/{clerk}/agenda", params=span, headers=SERVICE)


async def test_a_clerk_is_invited_unless_the_office_or_the_clerk_says_otherwise(desk: Desk, own: str) -> None:
    path = f"/clerks/{CLERK}/calendar"
    assert (await desk.get(path, own)).json() == {
        "clerk_id": str(CLERK),
        "channel": "invite",
        "is_chosen": False,
        "feed_url": None,
    }
    await desk.life.pool.execute("UPDATE clerk SET calendar = 'digest' WHERE id = $1", CLERK)
    assert (await desk.get(path, own)).json()["channel"] == "digest"
    assert (await choose(desk, "invite", own)).json()["channel"] == "invite"
    assert (await desk.get(path, own)).json() == {
        "clerk_id": str(CLERK),
        "channel": "invite",
        "is_chosen": True,
        "feed_url": None,
    }


async def test_a_feeds_address_can_be_shown_again_and_notify_learns_its_hash_alone(desk: Desk, own: str) -> None:
    url = (await choose(desk, "feed", own)).json()["feed_url"]
    assert (await choose(desk, "feed", own)).json()["feed_url"] == url
    (event,) = await told(desk)
    token = url.removeprefix("http://127.0.0.1:8003/feeds/").removesuffix(".ics")
    assert event["feed_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert (event["channel"], event["version"]) == ("feed", 1)
    rows = await desk.life.pool.fetch("SELECT to_jsonb(k)::text AS row FROM clerk_calendar k")
    assert token not in str(rows)


async def test_a_feed_ends_with_the_choice(desk: Desk, own: str) -> None:
    url = (await choose(desk, "feed", own)).json()["feed_url"]
    assert (await choose(desk, "digest", own)).json()["feed_url"] is None
    assert (await told(desk))[-1]["feed_hash"] is None
    assert (await choose(desk, "feed", own)).json()["feed_url"] != url


async def test_a_rotated_address_is_another_one_and_the_same_key_rotates_once(desk: Desk, own: str) -> None:
    url, key, path = (
        (await choose(desk, "feed", own)).json()["feed_url"],
        str(uuid4()),
        f"/clerks/{CLERK}/feed-rotation",
    )
    first, again = [(await desk.post(path, token=own, key=key)).json()["feed_url"] for _ in range(2)]
    assert first == again != url
    assert [event["version"] for event in await told(desk)] == [1, 2]


async def test_there_is_nothing_to_rotate_without_a_feed(desk: Desk, own: str) -> None:
    answer = await desk.post(f"/clerks/{CLERK}/feed-rotation", token=own)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_clerks_choose_for_themselves_and_a_lead_for_all_of_the_own_tenant(desk: Desk, own: str) -> None:
    other = id_for(TENANT, "clerk", "Clerk 1")
    assert (await choose(desk, "digest", own, other)).status_code == 403
    assert (await choose(desk, "digest", desk.token("admin"))).status_code == 403
    assert (await choose(desk, "digest", desk.token("lead", tenant="wegberg"))).status_code == 404
    assert (await choose(desk, "digest", desk.token("lead"), other)).status_code == 200
    assert (await choose(desk, "digest", "nobody's")).status_code == 401
    assert (await choose(desk, "fax", own)).status_code == 400


async def test_the_letter_says_what_the_clerk_chose(desk: Desk) -> None:
    access = await desk.life.booked("08:00")
    path = f"/internal/v1/appointments/{access.appointment_id}/letter"
    (entry,) = (await desk.client.get(path, headers=SERVICE)).json()["clerks"]
    assert entry["channel"] == "invite"
    await choose(desk, "feed", desk.token("lead"), UUID(entry["clerk_id"]))
    (entry,) = (await desk.client.get(path, headers=SERVICE)).json()["clerks"]
    assert entry["channel"] == "feed"


async def test_who_wants_invitations_again_gets_them_for_visits_to_come(desk: Desk) -> None:
    access = await desk.life.booked("08:00")
    clerk = await desk.life.pool.fetchval("SELECT clerk_id FROM assignment")
    lead = desk.token("lead")
    await choose(desk, "feed", lead, clerk)
    assert "invite_due" not in await desk.life.events(access)
    await choose(desk, "invite", lead, clerk)
    await choose(desk, "invite", lead, clerk)
    assert (await desk.life.events(access)).count("invite_due") == 1


async def test_an_agenda_holds_the_visits_that_stand_without_their_citizens(desk: Desk) -> None:
    access = await desk.life.booked("08:00")
    clerk = await desk.life.pool.fetchval("SELECT clerk_id FROM assignment")
    desk.clock.advance(minutes=5)
    before = (await agenda(desk, clerk)).json()["visits"][0]
    await desk.life.move(access, "09:00")
    (after,) = (await agenda(desk, clerk)).json()["visits"]
    assert (after["calendar"]["uid"], after["calendar"]["sequence"]) == (before["calendar"]["uid"], 1)
    assert after["changed_at"] > before["changed_at"]
    assert after["start"] > before["start"]
    assert after["citizen"] is None
    await desk.do(access, "cancellation", {})
    assert (await agenda(desk, clerk)).json()["visits"] == []


async def test_citizens_are_named_only_where_the_tenant_wants_it(desk: Desk) -> None:
    await desk.life.booked("08:00")
    clerk = await desk.life.pool.fetchval("SELECT clerk_id FROM assignment")
    await desk.life.pool.execute(
        "UPDATE tenant SET profile = profile || '{\"clerk_calendars_name_citizens\": true}' WHERE slug = $1", TENANT
    )
    assert (await agenda(desk, clerk)).json()["visits"][0]["citizen"]


async def test_digests_are_of_those_who_chose_them_and_have_visits(desk: Desk) -> None:
    await desk.life.booked("08:00")
    clerk = await desk.life.pool.fetchval("SELECT clerk_id FROM assignment")
    span = {"since": MONDAY.isoformat(), "until": (MONDAY + timedelta(days=30)).isoformat()}
    path = f"/internal/v1/tenants/{TENANT}/digests"
    assert (await desk.client.get(path, params=span, headers=SERVICE)).json()["items"] == []
    for name in ("Clerk 0", "Clerk 1", "Clerk 2"):
        await choose(desk, "digest", desk.token("lead"), id_for(TENANT, "clerk", name))
    (item,) = (await desk.client.get(path, params=span, headers=SERVICE)).json()["items"]
    assert item["clerk_id"] == str(clerk)
    assert len(item["visits"]) == 1


async def test_agendas_are_for_the_service_token_alone(desk: Desk) -> None:
    path = f"/internal/v1/clerks/{CLERK}/agenda"
    span = {"since": MONDAY.isoformat(), "until": MONDAY.isoformat()}
    staff = {"Authorization": f"Bearer {desk.token('lead')}"}
    assert (await desk.client.get(path, params=span, headers=staff)).status_code == 401
    assert (await agenda(desk, uuid4())).status_code == 404


async def test_letters_are_had_at_once_each_as_if_asked_for_alone(desk: Desk) -> None:
    first, second = await desk.life.booked("08:00"), await desk.life.booked("09:00")
    nobody = UUID(int=7)
    ids = [str(id_) for id_ in (second.appointment_id, nobody, first.appointment_id)]
    answer = (await desk.client.get("/internal/v1/letters", params={"id": ids}, headers=SERVICE)).json()
    alone = [
        (await desk.client.get(f"/internal/v1/appointments/{id_}/letter", headers=SERVICE)).json()
        for id_ in (ids[0], ids[2])
    ]
    assert answer == {"items": alone, "gone": [str(nobody)]}
    assert (await desk.client.get("/internal/v1/letters", params={"id": ids})).status_code == 401
    many = [str(UUID(int=number)) for number in range(LETTERS_MAX + 1)]
    assert (await desk.client.get("/internal/v1/letters", params={"id": many}, headers=SERVICE)).status_code == 400
