"""`/v1/deliveries`, asked by staff, by another service and by nobody."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from litestar.testing import AsyncTestClient
from tests.notify.conftest import KEY, Notify
from tests.notify.letters import INVITATION, LETTER, NOW, a_citizen, a_letter, at_sequence
from tests.notify.peers import TOKEN
from tests.notify.reading import calendar_of, read
from tests.support.database import Database

from kit.tokens import StaffClaims, sign
from notify.app import build
from notify.settings import Settings

STAFF_KEY = "staff-key-of-the-notify-tests"
FOR_CITIZEN = a_letter(clerks=())


def staff(tenant: str = "heinsberg", hours: int = 1) -> dict[str, str]:
    claims = StaffClaims(subject="k", tenant=tenant, roles=("clerk",), expires_at=NOW + timedelta(hours=hours))
    return {"Authorization": f"Bearer {sign(STAFF_KEY, 'staff', claims)}"}


SERVICE = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def api(notify: Notify, notify_database: Database) -> AsyncIterator[AsyncTestClient]:  # type: ignore[type-arg]
    settings = Settings(
        database_url=notify_database.url, link_key=KEY, staff_key=STAFF_KEY, service_token=TOKEN, smtp_tls="none"
    )
    async with AsyncTestClient(build(settings, notify.clock)) as client:
        yield client


LIST = f"/v1/deliveries?appointment={LETTER.appointment_id}"


@pytest.mark.parametrize("headers", [staff(), SERVICE])
async def test_staff_and_services_see_what_became_of_the_mails(
    notify: Notify,
    api: AsyncTestClient,  # type: ignore[type-arg]
    headers: dict[str, str],
) -> None:
    notify.mail.rcpt.append("550 5.1.1 No such user")
    await notify.tell("appointment.confirmed", LETTER)
    items = (await api.get(LIST, headers=headers)).json()["items"]
    assert [(item["kind"], item["audience"], item["state"], item["cause"]) for item in items] == [
        ("confirmation", "citizen", "failed", "address_refused_550"),
        ("invite", "clerk", "accepted", None),
    ]
    assert items[0]["recipient"] == "e…@example.org"


async def test_staff_of_another_tenant_see_nothing(notify: Notify, api: AsyncTestClient) -> None:  # type: ignore[type-arg]
    await notify.tell("appointment.confirmed", LETTER)
    assert (await api.get(LIST, headers=staff("erkelenz"))).json()["items"] == []
    id_ = (await notify.listed())[0].id
    answer = await api.post(f"/v1/deliveries/{id_}/resend", headers=staff("erkelenz") | {"Idempotency-Key": "a"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}, staff(hours=-1)])
async def test_without_a_fitting_token_nothing_is_told(api: AsyncTestClient, headers: dict[str, str]) -> None:  # type: ignore[type-arg]
    answer = await api.get(LIST, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_bad_input_names_the_field(api: AsyncTestClient) -> None:  # type: ignore[type-arg]
    answer = await api.get("/v1/deliveries?appointment=x", headers=SERVICE)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "appointment")
    for query in ("", f"?appointment={uuid4()}&invitation={uuid4()}"):
        answer = await api.get(f"/v1/deliveries{query}", headers=SERVICE)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "appointment")
    answer = await api.post(f"/v1/deliveries/{uuid4()}/resend", headers=SERVICE)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert (await api.delete("/v1/deliveries", headers=SERVICE)).status_code == 405


async def test_a_resend_is_a_new_mail_with_the_same_entry(notify: Notify, api: AsyncTestClient) -> None:  # type: ignore[type-arg]
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    first = (await notify.listed())[0]
    headers = staff() | {"Idempotency-Key": "once"}
    one, same = [await api.post(f"/v1/deliveries/{first.id}/resend", headers=headers) for _ in range(2)]
    assert one.status_code == same.status_code == 201
    assert one.json()["id"] == same.json()["id"] != str(first.id)
    assert one.json()["resend_number"] == 1
    await notify.send()
    before, after = (read(data) for _, _, data in notify.mail.taken)
    assert before["Message-ID"] != after["Message-ID"]
    assert calendar_of(before) == calendar_of(after)
    again = await api.post(f"/v1/deliveries/{first.id}/resend", headers=staff() | {"Idempotency-Key": "twice"})
    assert again.json()["resend_number"] == 2


async def test_an_invitations_mail_is_listed_and_resent_like_any_other(notify: Notify, api: AsyncTestClient) -> None:  # type: ignore[type-arg]
    await notify.invite(INVITATION)
    await notify.prepare()
    await notify.send()
    items = (await api.get(f"/v1/deliveries?invitation={INVITATION.invitation_id}", headers=staff())).json()["items"]
    assert [(item["kind"], item["state"], item["appointment_id"]) for item in items] == [
        ("invitation", "accepted", None)
    ]
    url = f"/v1/deliveries/{items[0]['id']}/resend"
    assert (await api.post(url, headers=staff("erkelenz") | {"Idempotency-Key": "1"})).status_code == 404
    assert (await api.post(url, headers=staff() | {"Idempotency-Key": "1"})).json()["resend_number"] == 1
    await notify.send()
    assert len(notify.mail.taken) == 2


async def test_a_key_used_for_another_mail_is_refused(notify: Notify, api: AsyncTestClient) -> None:  # type: ignore[type-arg]
    await notify.tell("appointment.confirmed", LETTER)
    headers = staff() | {"Idempotency-Key": "one"}
    answers = [await api.post(f"/v1/deliveries/{item.id}/resend", headers=headers) for item in await notify.listed()]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["code"] == "idempotency_key_reused"


async def test_what_is_no_longer_true_is_not_resent(notify: Notify, api: AsyncTestClient) -> None:  # type: ignore[type-arg]
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    await notify.tell("appointment.moved", at_sequence(FOR_CITIZEN, 1))
    old, new = await notify.listed()
    answer = await api.post(f"/v1/deliveries/{old.id}/resend", headers=staff() | {"Idempotency-Key": "1"})
    assert answer.status_code == 409
    assert "newer mail" in answer.json()["detail"]
    await notify.tell("appointment.cancelled", at_sequence(FOR_CITIZEN, 2, state="cancelled_by_citizen"))
    answer = await api.post(f"/v1/deliveries/{new.id}/resend", headers=staff() | {"Idempotency-Key": "2"})
    assert answer.status_code == 409


async def test_health_metrics_and_schema(notify: Notify, api: AsyncTestClient) -> None:  # type: ignore[type-arg]
    await notify.hear("appointment.confirmed", a_letter(citizen=a_citizen(email=None)))
    assert (await api.get("/health/live")).status_code == (await api.get("/health/ready")).status_code == 200
    await notify.pool.execute(
        "INSERT INTO inbound_mail (mailbox, uid_validity, uid, hash, verdict, reason, taken_at)"
        " VALUES ('box', 1, 1, 'h', 'people', 'no_answer', now())"
    )
    metrics = (await api.get("/metrics")).text
    assert 'notify_waiting{state="notice"} 1.0' in metrics
    assert 'notify_inbound_mails{reason="no_answer",verdict="people"} 1.0' in metrics
    paths = (await api.get("/schema/openapi.json")).json()["paths"]
    assert {"/v1/deliveries", "/v1/deliveries/{delivery_id}/resend"} <= set(paths)
