"""What the citizen reads on the payment's page, in both languages."""

import re
from typing import Any

from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till

from kit.sql import Pool
from payment.usecases.tell_checking import tell_checking
from payment.usecases.tools import Tools


async def story(till: Till, payment: dict[str, Any], lang: str = "de") -> str:
    page = await till.get(f"/heinsberg/kasse/{payment['id']}/stand?lang={lang}")
    assert page.status_code == 200, page.text
    found = re.search(r'data-testid="timeline">(.*?)</ol>', page.text, re.DOTALL)
    assert found, page.text
    return re.sub(r"<[^>]+>|\s+", " ", found[1])


async def test_reserved_then_charged_then_partly_refunded(till: Till) -> None:
    payment = await till.create(capture="manual")
    await till.pay(payment)
    assert "15,00 € reserviert Noch nicht abgebucht." in re.sub(r"\s+", " ", await story(till, payment))
    await till.call(f"/v1/payments/{payment['id']}/capture")
    await till.call(f"/v1/payments/{payment['id']}/refunds", {"amount_cents": 500, "reason": "reduced"})
    german, english = await story(till, payment), await story(till, payment, "en")
    for text in ("15,00 € bezahlt", "5,00 € erstattet", "auf die Karte, mit der Sie bezahlt haben"):
        assert text in german
    for text in ("€15.00 paid", "€5.00 refunded", "to the card with which you paid"):
        assert text in english


async def test_after_a_full_refund_the_page_says_so_and_thanks_no_more(till: Till) -> None:
    payment = await till.create()
    await till.pay(payment)
    page = f"/heinsberg/kasse/{payment['id']}/stand"
    assert "Die Zahlung ist bei uns eingegangen" in (await till.get(page)).text
    for cents, is_paid in ((500, True), (1000, False)):
        await till.call(f"/v1/payments/{payment['id']}/refunds", {"amount_cents": cents, "reason": "reduced"})
        shown = (await till.get(page)).text
        assert ("Die Zahlung ist bei uns eingegangen" in shown) is is_paid
        assert ("Wir haben Ihnen den ganzen Betrag erstattet" in shown) is not is_paid
    assert "kern-alert--success" not in shown


async def test_a_decline_says_that_nothing_was_charged(till: Till) -> None:
    payment = await till.create(items=[{"description": "x", "quantity": 1, "amount_cents": 1581}])
    await till.pay(payment, "paypal")
    told = re.sub(r"\s+", " ", await story(till, payment))
    assert "Gewählt: PayPal Die Zahlung wurde abgelehnt. Dabei wurde nichts abgebucht." in told


async def test_an_unknown_outcome_is_shown_as_being_checked(till: Till, tools: Tools, clock: Clock) -> None:
    payment = await till.create(capture="manual")
    await till.pay(payment)
    till.sandbox.set_faults(fail_before=50)
    await till.call(f"/v1/payments/{payment['id']}/capture")
    clock.pass_by(minutes=16)
    assert await tell_checking(tools) == 1
    page = await till.get(f"/heinsberg/kasse/{payment['id']}/stand")
    assert "dauert länger" in page.text
    assert "refresh" not in page.headers
    assert (await till.read(payment))["checking"] is True
    till.sandbox.set_faults()


async def test_the_page_names_no_person_no_secret_and_no_id_of_a_provider(till: Till, house: Pool) -> None:
    payment = await till.create(reference="Vorgang Erika Mustermann")
    await till.pay(payment)
    page = await till.get(f"/heinsberg/kasse/{payment['id']}/stand")
    row = await house.fetchrow("SELECT id::text, session_id, authorization_id, capture_id, redirect_url FROM attempt")
    assert row
    for secret in (*(value for value in row.values() if value), payment["next_url"], "Mustermann", till.key):
        assert secret not in page.text
