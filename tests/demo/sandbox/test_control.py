"""The control desk: faults for everybody or for one account, and what happens to a sale by another hand."""

import time
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.demo.sandbox.asking import HTML, ORDER, SESSION, STRIPE, open_session
from tests.support.sandbox import Receiver, Sandbox
from tests.support.waiting import wait_until

OTHER = {"Authorization": "Bearer sk_test_erkelenz"}
OWN_PAGE = {**HTML, "Sec-Fetch-Site": "same-origin"}


def order_faults(http: httpx.Client, account: str, **faults: object) -> None:
    assert http.post("/control/faults", params={"account": account}, json=faults).status_code == 200


def event_status(http: httpx.Client, key: dict[str, str]) -> int:
    return http.get("/v1/events", headers=key).status_code


def test_faults_of_one_account_leave_the_others_alone(http: httpx.Client, sandbox: Sandbox) -> None:
    order_faults(http, "heinsberg", fail_reads=2)
    assert (event_status(http, STRIPE), event_status(http, OTHER)) == (503, 200)
    assert http.get("/control/faults", params={"account": "heinsberg"}).json()["fail_reads"] == 1
    sandbox.set_faults()
    assert event_status(http, STRIPE) == 200
    assert http.post("/control/faults", params={"account": "nobody"}, json={}).status_code == 400


def test_an_account_returns_to_what_is_ordered_for_everybody(http: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.set_faults(fail_reads=1)
    order_faults(http, "heinsberg", latency_ms=1)
    assert event_status(http, STRIPE) == 200
    order_faults(http, "heinsberg")
    assert event_status(http, STRIPE) == 503


def test_slow_for_the_next_calls(http: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.set_faults(latency_ms=300, slow_calls=1)
    spans = []
    for _ in range(2):
        begun = time.monotonic()
        event_status(http, STRIPE)
        spans.append(time.monotonic() - begun)
    assert spans[0] >= 0.3 > spans[1]
    assert http.get("/control/faults").json()["latency_ms"] == 0


@pytest.mark.parametrize(("fault", "sessions"), [("timeout_before", 0), ("timeout_after", 1)])
def test_no_answer(http: httpx.Client, sandbox: Sandbox, fault: str, sessions: int) -> None:
    reference = f"H-{uuid4().hex}"
    sandbox.set_faults(**{fault: 1, "timeout_s": 1})
    body = {**SESSION, "client_reference_id": reference}
    headers = {**STRIPE, "Idempotency-Key": reference}
    with pytest.raises(httpx.ReadTimeout):
        http.post("/v1/checkout/sessions", headers=headers, data=body, timeout=0.3)
    assert len(sandbox.ledger(reference)) == sessions
    assert http.post("/v1/checkout/sessions", headers=headers, data=body).status_code == 200
    assert len(sandbox.ledger(reference)) == 1


def test_reverse_order(http: httpx.Client, sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.set_faults(webhooks="reverse", webhook_events=2)
    session = open_session(http, client_reference_id=f"H-{uuid4().hex}")
    http.post(session["url"], data={"choice": "pay"})
    intent = http.get(f"/v1/checkout/sessions/{session['id']}", headers=STRIPE).json()["payment_intent"]
    heard = wait_until(lambda: len(receiver.of(intent)) == 2 and receiver.of(intent))
    assert [webhook.event["type"] for webhook in heard] == ["checkout.session.completed", "payment_intent.succeeded"]
    assert http.get("/control/faults").json()["webhooks"] == "on"


def test_an_authorisation_lapses(http: httpx.Client, sandbox: Sandbox) -> None:
    reference = f"H-{uuid4().hex}"
    manual = {"payment_intent_data[capture_method]": "manual"}
    session = open_session(http, client_reference_id=reference, **manual)
    assert http.post(f"/control/sales/{session['id']}/lapse").status_code == 409
    http.post(session["url"], data={"choice": "pay"})
    lapsed = http.post(f"/control/sales/{session['id']}/lapse")
    assert (lapsed.status_code, lapsed.json()["state"], lapsed.json()["authorised_cents"]) == (200, "expired", 0)
    newest = http.get("/v1/events", headers=STRIPE, params={"limit": 1}).json()["data"][0]
    assert newest["type"] == "payment_intent.canceled"


@pytest.mark.parametrize(("what", "state", "status"), [("win", "won", "won"), ("lose", "lost", "lost")])
def test_a_dispute_at_stripe(http: httpx.Client, what: str, state: str, status: str) -> None:
    session = open_session(http)
    http.post(session["url"], data={"choice": "pay"})
    path = f"/control/sales/{session['id']}"
    assert http.post(f"{path}/{what}").status_code == 409
    assert http.post(f"{path}/dispute").json()["dispute"] == "open"
    assert http.post(f"{path}/dispute").status_code == 409
    opened = newest_event(http)
    assert opened["type"] == "charge.dispute.created"
    assert http.post(f"{path}/{what}").json()["dispute"] == state
    assert newest_event(http)["type"] == "charge.dispute.closed"
    read = http.get(f"/v1/disputes/{opened['data']['object']['id']}", headers=STRIPE).json()
    assert read["status"] == status
    again = http.post("/v1/refunds", headers=STRIPE, data={"payment_intent": read["payment_intent"]})
    assert again.status_code == (200 if what == "win" else 400)


def newest_event(http: httpx.Client) -> dict[str, Any]:
    event: dict[str, Any] = http.get("/v1/events", headers=STRIPE, params={"limit": 1}).json()["data"][0]
    return event


def test_a_dispute_at_paypal(
    http: httpx.Client,
    paypal: dict[str, str],
    receiver: Receiver,
) -> None:
    order = http.post("/v2/checkout/orders", headers=paypal, json=ORDER).json()
    url = next(link["href"] for link in order["links"] if link["rel"] == "payer-action")
    http.post(url, data={"choice": "pay"})
    taken = http.post(f"/v2/checkout/orders/{order['id']}/capture", headers=paypal, json={}).json()
    capture = taken["purchase_units"][0]["payments"]["captures"][0]["id"]
    assert http.post(f"/control/sales/{order['id']}/dispute").status_code == 200
    listed = http.get("/v1/customer/disputes", headers=paypal, params={"disputed_transaction_id": capture}).json()
    dispute = listed["items"][0]["dispute_id"]
    path = f"/v1/customer/disputes/{dispute}"
    assert http.get(path, headers=paypal).json()["status"] == "WAITING_FOR_SELLER_RESPONSE"
    refused = http.post(f"/v2/payments/captures/{capture}/refund", headers=paypal, json={})
    assert (refused.status_code, refused.json()["details"][0]["issue"]) == (422, "TRANSACTION_DISPUTED")
    assert http.post(f"/control/sales/{order['id']}/lose").status_code == 200
    closed = http.get(path, headers=paypal).json()
    assert (closed["status"], closed["dispute_outcome"]["outcome_code"]) == ("RESOLVED", "RESOLVED_BUYER_FAVOUR")
    heard = wait_until(lambda: len(receiver.of(dispute)) == 2 and receiver.of(dispute))
    assert {webhook.event["event_type"] for webhook in heard} == {
        "CUSTOMER.DISPUTE.CREATED",
        "CUSTOMER.DISPUTE.RESOLVED",
    }


def test_interventions_in_what_there_is_not(http: httpx.Client) -> None:
    session = open_session(http)
    assert http.post("/control/sales/cs_none/lapse").status_code == 404
    assert http.post(f"/control/sales/{session['id']}/explode").status_code == 404


# --- the same by hand ---------------------------------------------------------------------------------------------


def test_faults_by_hand(http: httpx.Client) -> None:
    page = http.get("/control", headers=HTML)
    assert page.status_code == 200
    ordered = http.post(
        "/control", headers=OWN_PAGE, data={"account": "heinsberg", "fail_reads": "1", "latency_ms": ""}
    )
    assert ordered.headers["location"] == "/control?account=heinsberg#faults"
    assert "faults-ordered" in http.get("/control", headers=HTML).text
    assert (event_status(http, STRIPE), event_status(http, STRIPE)) == (503, 200)
    http.post("/control", headers=OWN_PAGE, data={"account": "heinsberg", "webhooks": "off", "mend": "yes"})
    assert http.get("/control/faults", params={"account": "heinsberg"}).json()["webhooks"] == "on"
    assert "faults-ordered" not in http.get("/control", headers=HTML).text


@pytest.mark.parametrize("value", ["-1", "10001", "many", "1.5", "1e9"])
def test_a_wrong_number_by_hand(http: httpx.Client, value: str) -> None:
    answer = http.post("/control", headers=OWN_PAGE, data={"fail_before": value})
    assert answer.status_code == 400
    assert "fail_before-error" in answer.text
    assert f'value="{value}"' in answer.text
    assert http.get("/control/faults").json()["fail_before"] == 0


def test_interventions_by_hand(http: httpx.Client, sandbox: Sandbox) -> None:
    reference = f"H-{uuid4().hex}"
    session = open_session(http, client_reference_id=reference)
    http.post(session["url"], data={"choice": "pay"})
    page = http.get("/control", headers=HTML, params={"reference": reference})
    assert page.text.count('data-testid="sale"') == 1
    assert "act-dispute" in page.text
    for what, state in (("dispute", "open"), ("dispute", "open"), ("lose", "lost")):
        answer = http.post(f"/control/act/{session['id']}", headers=OWN_PAGE, data={"what": what})
        assert answer.status_code == 303
        assert sandbox.ledger(reference)[0]["dispute"] == state
    assert http.post("/control/act/cs_none", headers=OWN_PAGE, data={"what": "lapse"}).status_code == 404


def test_the_desks_forms_are_its_own(http: httpx.Client) -> None:
    foreign = {**HTML, "Sec-Fetch-Site": "cross-site"}
    assert http.post("/control", headers=foreign, data={"fail_before": "1"}).status_code == 403
    assert http.post("/control/act/cs_1", headers=foreign, data={"what": "lapse"}).status_code == 403


def test_the_front_door(http: httpx.Client) -> None:
    assert http.get("/", headers=HTML).headers["location"] == "/control"
