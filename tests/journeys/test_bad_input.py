"""Bad input gets a clear word: problem+json that names the field for programs, a page in words for people."""

import hashlib
import hmac
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from tests.support.booker import Booker
from tests.support.system import System


def assert_problem(answer: httpx.Response, status: int, field: str | None = None, code: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    assert len(problem["detail"]) > 10
    if field:
        assert field in [error["field"] for error in problem["errors"]], problem
    if code:
        assert problem["code"] == code


@pytest.fixture
def booker(system: System) -> Booker:
    return Booker(system)


def hold_body(booker: Booker, **changes: object) -> dict[str, Any]:
    service_id = booker.find_service("Wohnsitz anmelden")["id"]
    body = {"items": [{"service_id": service_id, "quantity": 1}], "start": booker.starts(service_id)[-1]}
    return body | changes


def test_unknown_tenant(booker: Booker) -> None:
    assert_problem(booker.system.http.get(f"{booker.base}/tenants/atlantis/services"), 404)


def test_past_day(booker: Booker) -> None:
    past = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    assert_problem(booker.post("/tenants/heinsberg/appointments", hold_body(booker, start=past)), 400, "start")


def test_wrong_type_unknown_field_and_missing_key(booker: Booker) -> None:
    path = "/tenants/heinsberg/appointments"
    assert_problem(booker.post(path, hold_body(booker, items="all")), 400, "items")
    assert_problem(booker.post(path, hold_body(booker, colour="red")), 400)
    answer = booker.system.http.post(f"{booker.base}{path}", json=hold_body(booker))
    assert_problem(answer, 400)
    assert "Idempotency-Key" in answer.text


def test_malformed_and_huge_json(booker: Booker) -> None:
    url = f"{booker.base}/tenants/heinsberg/appointments"
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    assert_problem(booker.system.http.post(url, content=b'{"items": [', headers=headers), 400)
    huge = b'{"items": "' + b"x" * 2_000_000 + b'"}'
    assert_problem(booker.system.http.post(url, content=huge, headers=headers), 413)


def test_wrong_method(booker: Booker) -> None:
    assert_problem(booker.system.http.delete(f"{booker.base}/tenants"), 405)


def test_wrong_token(booker: Booker) -> None:
    held = booker.hold("Wohnsitz anmelden")
    for token in ("nonsense", held["access_token"][:-3] + "abc"):
        answer = booker.system.http.get(
            f"{booker.base}/appointments/{held['id']}", headers={"Authorization": f"Bearer {token}"}
        )
        assert_problem(answer, 401)
    assert_problem(booker.system.http.get(f"{booker.base}/appointments/{held['id']}"), 401)


def test_a_token_opens_its_own_appointment_only(booker: Booker) -> None:
    one, other = booker.hold("Wohnsitz anmelden"), booker.hold("Wohnsitz anmelden")
    answer = booker.system.http.get(
        f"{booker.base}/appointments/{one['id']}", headers={"Authorization": f"Bearer {other['access_token']}"}
    )
    assert answer.status_code in (403, 404)


def test_idempotency_key(booker: Booker) -> None:
    key, body = str(uuid.uuid4()), hold_body(booker)
    first = booker.post("/tenants/heinsberg/appointments", body, key=key)
    again = booker.post("/tenants/heinsberg/appointments", body, key=key)
    assert (first.status_code, again.json()) == (201, first.json())
    other = body | {"items": [{**body["items"][0], "quantity": 2}]}
    assert_problem(booker.post("/tenants/heinsberg/appointments", other, key=key), 409, code="idempotency_key_reused")


def pay(system: System, key: str | None = None, **changes: object) -> httpx.Response:
    body = {
        "reference": "A-1",
        "description": "Auszug",
        "items": [{"description": "Auszug", "quantity": 1, "amount_cents": 1500, "accounting": {}}],
        "currency": "EUR",
        "return_url": system.url("portal") + "/",
        "capture": "automatic",
        "language": "de",
    }
    headers = {"Authorization": f"Bearer {system.described['payment_api_key']}"}
    headers["Idempotency-Key"] = key or str(uuid.uuid4())
    return system.http.post(f"{system.url('payment')}/v1/payments", json=body | changes, headers=headers)


def test_payments_input(system: System) -> None:
    assert pay(system).status_code == 201
    assert_problem(pay(system, items=[]), 400, "items")
    assert_problem(pay(system, return_url="https://evil.example/"), 400, "return_url")
    assert_problem(pay(system, currency="XXX"), 400, "currency")
    key = str(uuid.uuid4())
    first = pay(system, key)
    assert pay(system, key).json() == first.json()
    assert_problem(pay(system, key, reference="A-2"), 409, code="idempotency_key_reused")


def test_wrong_api_key(system: System) -> None:
    for header in ({}, {"Authorization": "Bearer test_wrong"}):
        headers = {**header, "Idempotency-Key": "k"}
        assert_problem(system.http.post(f"{system.url('payment')}/v1/payments", json={}, headers=headers), 401)


def test_unsigned_and_stale_webhooks(system: System) -> None:
    url = f"{system.url('payment')}/webhooks/heinsberg/stripe"
    body = b'{"id": "evt_1", "object": "event", "type": "checkout.session.completed", "data": {"object": {}}}'
    stale = int(time.time()) - 3600
    mac = hmac.new(b"whsec_heinsberg", f"{stale}.".encode() + body, hashlib.sha256).hexdigest()
    for headers in ({}, {"Stripe-Signature": "t=1,v1=00"}, {"Stripe-Signature": f"t={stale},v1={mac}"}):
        assert_problem(system.http.post(url, content=body, headers=headers), 400)


def test_an_unknown_page_says_so_in_words(system: System) -> None:
    answer = system.http.get(f"{system.url('booking')}/heinsberg/gibtesnicht", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "style-src 'self'" in answer.headers["content-security-policy"]
