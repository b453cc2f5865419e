"""The sandbox as a program and a person meet it: wrong calls, the hosted page, the control desk."""

from uuid import uuid4

import httpx
from tests.demo.sandbox.asking import HTML, ORDER, SESSION, STRIPE, open_session
from tests.support.sandbox import Sandbox


def test_stripe_keys(http: httpx.Client) -> None:
    for header in ({}, {"Authorization": "Bearer sk_live_1"}, {"Authorization": "Basic ???"}):
        answer = http.get("/v1/checkout/sessions/cs_1", headers=header)
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")
    assert http.get("/v1/events", auth=("sk_test_heinsberg", "")).status_code == 200


def test_stripe_names_what_is_missing(http: httpx.Client) -> None:
    for path in ("checkout/sessions/cs_1", "payment_intents/pi_1", "refunds/re_1", "events/evt_1"):
        answer = http.get(f"/v1/{path}", headers=STRIPE)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "resource_missing")
    malformed = http.post("/v1/checkout/sessions", headers=STRIPE, data={**SESSION, "expires_at": "1"})
    assert malformed.json()["error"]["param"] == "expires_at"


def test_stripe_replays_a_key_and_refuses_another_body(http: httpx.Client) -> None:
    headers = {**STRIPE, "Idempotency-Key": uuid4().hex}
    first = http.post("/v1/checkout/sessions", headers=headers, data=SESSION)
    again = http.post("/v1/checkout/sessions", headers=headers, data=SESSION)
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = http.post("/v1/checkout/sessions", headers=headers, data={**SESSION, "locale": "en"})
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


def test_stripe_lists_what_it_told(http: httpx.Client) -> None:
    session = open_session(http)
    http.post(session["url"], data={"choice": "pay"})
    newest = http.get("/v1/events", headers=STRIPE, params={"limit": 1}).json()["data"][0]
    assert newest["type"] == "checkout.session.completed"
    assert newest["data"]["object"]["id"] == session["id"]
    assert http.get(f"/v1/events/{newest['id']}", headers=STRIPE).json() == newest


def test_paypal_credentials(http: httpx.Client) -> None:
    answer = http.post("/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=("x", "y"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert http.post("/v1/oauth2/token", headers={"Authorization": "Basic ???"}).status_code == 401
    assert http.get("/v2/checkout/orders/X").json()["name"] == "AUTHENTICATION_FAILURE"


def test_paypal_names_what_is_wrong(http: httpx.Client, paypal: dict[str, str]) -> None:
    missing = http.get("/v2/checkout/orders/5O190127TN364715T", headers=paypal)
    assert (missing.status_code, missing.json()["details"][0]["issue"]) == (404, "INVALID_RESOURCE_ID")
    malformed = http.post("/v2/checkout/orders", headers=paypal, json={**ORDER, "intent": "STEAL"})
    assert (malformed.status_code, malformed.json()["name"]) == (400, "INVALID_REQUEST")
    assert http.post("/v2/checkout/orders", headers=paypal, content=b"{").status_code == 400
    order = http.post("/v2/checkout/orders", headers=paypal, json=ORDER).json()
    early = http.post(f"/v2/checkout/orders/{order['id']}/capture", headers=paypal, json={})
    assert (early.status_code, early.json()["details"][0]["issue"]) == (422, "ORDER_NOT_APPROVED")
    wrong = http.post(f"/v2/checkout/orders/{order['id']}/authorize", headers=paypal, json={})
    assert wrong.json()["details"][0]["issue"] == "ACTION_DOES_NOT_MATCH_INTENT"


def test_the_hosted_page(http: httpx.Client) -> None:
    session = open_session(http)
    page = http.get(session["url"], headers=HTML)
    assert page.status_code == 200
    assert "Dies ist ein Übungsplatz" in page.text
    assert "46,00" in page.text
    assert "Gebühr &lt;b&gt;" in page.text
    for name in ("sandbox-pay", "sandbox-decline", "sandbox-abandon"):
        assert f'data-testid="{name}"' in page.text
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' https: http:;" in policy
    assert "default-src 'none'" in policy
    english = http.get(session["url"].replace("lang=de", "lang=en"), headers=HTML)
    assert "This is a practice ground" in english.text
    assert 'lang="en"' in english.text


def test_where_the_buttons_lead(http: httpx.Client, paypal: dict[str, str]) -> None:
    session = open_session(http)
    assert http.post(session["url"], data={"choice": "abandon"}).headers["location"] == SESSION["cancel_url"]
    paid = http.post(session["url"], data={"choice": "pay"})
    assert paid.headers["location"] == f"https://town.example/back?s={session['id']}"
    assert "sandbox-back" in http.get(session["url"], headers=HTML).text

    order = http.post("/v2/checkout/orders", headers=paypal, json=ORDER).json()
    url = next(link["href"] for link in order["links"] if link["rel"] == "payer-action")
    assert "practice ground" in http.get(url, headers=HTML).text
    away = http.post(url, data={"choice": "abandon"}).headers["location"]
    assert away == f"https://town.example/away?x=1&token={order['id']}"
    back = http.post(url, data={"choice": "pay"}).headers["location"]
    assert back.startswith(f"https://town.example/back?token={order['id']}&PayerID=")


def test_pages_that_do_not_exist(http: httpx.Client) -> None:
    session = open_session(http)
    for path in ("/pay/stripe/cs_none", f"/pay/paypal/{session['id']}", "/pay/other/x"):
        assert http.get(path, headers=HTML).status_code == 404, path


def test_a_form_of_another_site_moves_nothing(http: httpx.Client, sandbox: Sandbox) -> None:
    session = open_session(http, client_reference_id="H-foreign")
    answer = http.post(session["url"], data={"choice": "pay"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert http.post(session["url"], data={"choice": "steal"}).status_code == 400
    assert sandbox.ledger("H-foreign")[0]["state"] == "open"


def test_faults_are_checked_and_counted(http: httpx.Client, sandbox: Sandbox) -> None:
    for wrong in ({"fail_befor": 1}, {"fail_before": -1}, {"webhooks": "maybe"}, []):
        answer = http.post("/control/faults", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    sandbox.set_faults(fail_reads=2)
    codes = [http.get("/v1/events", headers=STRIPE).status_code for _ in range(3)]
    assert codes == [503, 503, 200]
    assert http.get("/control/faults").json()["fail_reads"] == 0


def test_reset_forgets_everything_but_the_certificate(http: httpx.Client, sandbox: Sandbox) -> None:
    before = (sandbox.data / "paypal-ca.pem").read_bytes()
    open_session(http)
    sandbox.set_faults(latency_ms=1)
    assert http.post("/control/reset").status_code == 204
    assert http.get("/control/ledger").json() == {"items": []}
    assert http.get("/control/faults").json()["latency_ms"] == 0
    assert (sandbox.data / "paypal-ca.pem").read_bytes() == before


def test_keys_on_disk_are_the_owners_alone(sandbox: Sandbox) -> None:
    for name in ("paypal-ca.key", "paypal-signer.key"):
        assert (sandbox.data / name).stat().st_mode & 0o077 == 0
