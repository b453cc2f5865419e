"""What operators see and may do, by the API and on the page."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import AsyncTestClient
from tests.notify.conftest import KEY, Notify
from tests.notify.letters import LETTER, NOW, a_letter
from tests.notify.peers import TOKEN
from tests.notify.signing import OWN_FORM, sign_in
from tests.support.database import Database

from kit.tokens import StaffClaims, sign
from notify.app import build
from notify.settings import Settings
from notify.usecases.count_settled import count_settled

STAFF_KEY = "staff-key-of-the-notify-tests"
SERVICE = {"Authorization": f"Bearer {TOKEN}"}
FOR_CITIZEN = a_letter(clerks=())
Client = AsyncTestClient[Any]
PAGE = "/verwaltung/versand"


def token(role: str = "operator", tenant: str = "heinsberg") -> str:
    claims = StaffClaims(subject="oda", tenant=tenant, roles=(role,), expires_at=NOW + timedelta(days=30))
    return sign(STAFF_KEY, "staff", claims)


def bearer(role: str = "operator", tenant: str = "heinsberg") -> dict[str, str]:
    return {"Authorization": f"Bearer {token(role, tenant)}"}


@pytest.fixture
async def api(notify: Notify, notify_database: Database) -> AsyncIterator[Client]:
    settings = Settings(database_url=notify_database.url, link_key=KEY, staff_key=STAFF_KEY, service_token=TOKEN)
    async with AsyncTestClient(build(settings, notify.clock)) as client:
        client.headers.update(OWN_FORM)
        yield client


async def misfortunes(notify: Notify) -> None:
    """A confirmation that was refused, an invitation that waits for its next try."""
    notify.mail.rcpt += ["550 5.1.1 No such user", "450 4.2.0 Later"]
    await notify.tell("appointment.confirmed", LETTER)
    notify.clock.pass_by(minutes=6)


@pytest.mark.parametrize("headers", [bearer(), SERVICE])
async def test_operators_see_what_waits_what_is_slow_and_what_failed(
    notify: Notify, api: Client, headers: dict[str, str]
) -> None:
    await misfortunes(notify)
    seen = (await api.get("/v1/operations", headers=headers)).json()
    assert [(queue["tenant"], queue["state"], queue["count"]) for queue in seen["queues"]] == [
        ("heinsberg", "retry_wait", 1)
    ]
    assert [(mail["kind"], mail["state"], mail["recipient"]) for mail in seen["slow"]] == [
        ("invite", "retry_wait", "k…@heinsberg.example")
    ]
    assert [(mail["kind"], mail["cause"]) for mail in seen["ended_badly"]] == [("confirmation", "address_refused_550")]
    assert seen["pauses"] == []


async def test_what_is_held_for_the_night_is_not_slow(notify: Notify, api: Client) -> None:
    notify.clock.pass_by(hours=13)
    await notify.tell("appointment.reminder_due", FOR_CITIZEN)
    notify.clock.pass_by(hours=2)
    seen = (await api.get("/v1/operations", headers=SERVICE)).json()
    assert (len(seen["queues"]), seen["slow"]) == (1, [])


async def test_what_still_waits_after_the_night_is_slow(notify: Notify, api: Client) -> None:
    notify.clock.pass_by(hours=13)
    await notify.tell("appointment.reminder_due", FOR_CITIZEN)
    (mail,) = await notify.listed()
    assert mail.next_try_at
    for late, slow in ((timedelta(minutes=4), []), (timedelta(minutes=6), ["reminder"])):
        notify.clock.now = mail.next_try_at + late  # and no sender is there
        seen = (await api.get("/v1/operations", headers=SERVICE)).json()
        assert [mail["kind"] for mail in seen["slow"]] == slow


async def test_another_tenants_operator_sees_and_moves_nothing(notify: Notify, api: Client) -> None:
    await misfortunes(notify)
    elsewhere = bearer(tenant="gangelt")
    seen = (await api.get("/v1/operations", headers=elsewhere)).json()
    assert (seen["queues"], seen["slow"], seen["ended_badly"]) == ([], [], [])
    id_ = (await notify.listed())[1].id
    assert (await api.post(f"/v1/deliveries/{id_}/retry", headers=elsewhere)).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/operations"),
        ("POST", "/v1/operations/resume"),
        ("POST", f"/v1/deliveries/{LETTER.appointment_id}/retry"),
    ],
)
async def test_only_operators_may(api: Client, method: str, path: str) -> None:
    assert (await api.request(method, path)).status_code == 401
    refused = await api.request(method, path, headers=bearer("clerk"))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_a_waiting_mail_is_tried_now(notify: Notify, api: Client) -> None:
    notify.mail.rcpt += ["450 4.2.0 Later"] * 2
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    notify.clock.pass_by(seconds=15)
    await notify.send()  # the next try is in a minute
    (mail,) = await notify.listed()
    for _ in range(2):
        answer = await api.post(f"/v1/deliveries/{mail.id}/retry", headers=bearer())
        assert (answer.status_code, answer.json()["state"]) == (200, "retry_wait")
    await notify.send()
    assert await notify.states() == [("confirmation", "accepted")]
    assert (await api.post(f"/v1/deliveries/{mail.id}/retry", headers=bearer())).status_code == 409


async def test_a_pause_is_ended_for_the_own_server_alone(notify: Notify, api: Client) -> None:
    notify.mail.mail.append("535 5.7.8 Authentication failed")
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    await notify.pool.execute("INSERT INTO relay_pause VALUES ('gangelt', 'slow_down', 1, 'infinity', now())")
    seen = (await api.get("/v1/operations", headers=bearer())).json()
    assert [(pause["account"], pause["cause"]) for pause in seen["pauses"]] == [("", "locked_out")]
    assert (await api.post("/v1/operations/resume", headers=bearer())).json() == {"pauses_ended": 1}
    await notify.send()
    assert await notify.states() == [("confirmation", "accepted")]
    assert (await api.post("/v1/operations/resume", headers=SERVICE)).json() == {"pauses_ended": 1}


@pytest.mark.parametrize(("language", "words"), [("de", "Jetzt versuchen"), ("en", "Try now")])
async def test_the_page_shows_and_pushes(notify: Notify, api: Client, language: str, words: str) -> None:
    await misfortunes(notify)
    await sign_in(api, token())
    page = (await api.get(f"/verwaltung/versand?lang={language}")).text
    assert words in page
    assert "e…@example.org" in page
    assert "erika" not in page
    actions = re.findall(r'action="(/verwaltung/versand/mails/[^"]+)"', page)
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    assert [action.rpartition("/")[2] for action in actions] == ["versuch", "neu"]
    described = re.findall(r'aria-describedby="(mail-[^"]+)"', page)
    assert [f"mail-{action.split('/')[-2]}" for action in actions] == described, "a button says of which mail it is"
    assert all(f'id="{id_}"' in page for id_ in described)
    assert 'data-testid="notice"' in (await api.post(actions[0])).text
    for _ in range(2):  # sent twice, one mail
        await api.post(actions[1], data={"key": key[1]})
    await notify.send()
    assert await notify.states() == [("confirmation", "failed"), ("invite", "accepted"), ("confirmation", "accepted")]
    assert (await api.post(actions[0])).url.query == b"done=conflict"


async def test_what_is_too_late_is_shown_without_a_button_and_is_not_resent(notify: Notify, api: Client) -> None:
    notify.mail.rcpt.append("550 5.1.1 No such user")
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    await sign_in(api, token())
    (action,) = re.findall(r'action="(/verwaltung/versand/mails/[^"]+)"', (await api.get(PAGE)).text)
    notify.clock.now = FOR_CITIZEN.start
    await sign_in(api, token())
    page = (await api.get(PAGE)).text
    assert "e…@example.org" in page
    assert "/verwaltung/versand/mails/" not in page
    assert (await api.post(action, data={"key": "late"})).url.query == b"done=conflict"
    refused = await api.post(
        f"/v1/deliveries/{action.split('/')[-2]}/resend", headers=SERVICE | {"Idempotency-Key": "late"}
    )
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "It is too late for this mail: what it is about is past.",
    )
    assert await notify.states() == [("confirmation", "failed")]


async def test_figures_for_monitoring_name_no_tenant(notify: Notify, api: Client) -> None:
    await misfortunes(notify)
    await count_settled(notify.pool, notify.clock)
    await notify.pool.execute("INSERT INTO relay_pause VALUES ('gangelt', 'slow_down', 1, 'infinity', now())")
    text = (await api.get("/metrics")).text
    assert 'notify_mails_total{kind="confirmation",state="failed"} 1.0' in text
    assert 'notify_tries_total{kind="confirmation",state="failed"} 1.0' in text
    assert 'notify_waiting{state="retry_wait"} 1.0' in text
    assert 'notify_paused_servers{cause="slow_down"} 1.0' in text
    assert "gangelt" not in text
    assert "heinsberg" not in text
