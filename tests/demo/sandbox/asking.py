"""The providers' HTTP, as a plain client asks it."""

from typing import Any

import httpx

HTML = {"Accept": "text/html"}


STRIPE = {"Authorization": "Bearer sk_test_heinsberg"}


SESSION = {
    "mode": "payment",
    "client_reference_id": "H-1",
    "success_url": "https://town.example/back?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://town.example/away",
    "locale": "de",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "4600",
    "line_items[0][price_data][product_data][name]": "Gebühr <b>",
}


ORDER = {
    "intent": "CAPTURE",
    "purchase_units": [{"amount": {"currency_code": "EUR", "value": "46.00"}, "invoice_id": "H-2"}],
    "payment_source": {
        "paypal": {
            "experience_context": {
                "return_url": "https://town.example/back",
                "cancel_url": "https://town.example/away?x=1",
                "locale": "en-GB",
            }
        }
    },
}


def open_session(http: httpx.Client, **changes: str) -> dict[str, Any]:
    answer = http.post("/v1/checkout/sessions", headers=STRIPE, data={**SESSION, **changes})
    assert answer.status_code == 200, answer.text
    session: dict[str, Any] = answer.json()
    return session
