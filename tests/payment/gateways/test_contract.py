"""What every gateway promises (payment.gateways.gateway), held against the provider's own ledger."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.payment.gateways.conftest import CANCEL_URL, Citizen, Maker, order, pay
from tests.support.sandbox import Sandbox

from contracts.money import Money
from demo.sandbox import magic
from payment.gateways.gateway import Gateway, GatewayRefused


async def test_paid_at_once(gateway: Gateway, citizen: Citizen, sandbox: Sandbox) -> None:
    wanted = order()
    opened = await gateway.open_session(wanted)
    before = await gateway.read_session(opened.session_id)
    assert (before.status, before.amount, before.reference) == ("open", wanted.amount, wanted.reference)

    location = await citizen.press(opened, "pay")
    assert location.startswith(wanted.success_url)

    paid = await gateway.authorise(opened.session_id, wanted.key_of("authorise"))
    assert (paid.status, paid.amount, paid.reference) == ("paid", wanted.amount, wanted.reference)
    assert paid.capture_id
    assert paid == await gateway.read_session(opened.session_id)
    [entry] = sandbox.ledger(wanted.reference)
    assert (entry["captured_cents"], entry["authorised_cents"], entry["attempt_id"]) == (4600, 0, wanted.attempt_id)


async def test_reserved_first_captured_later(gateway: Gateway, citizen: Citizen, sandbox: Sandbox) -> None:
    wanted = order("manual")
    _, view = await pay(gateway, citizen, wanted)
    assert (view.status, view.amount, view.capture_id) == ("authorised", wanted.amount, None)
    assert view.authorization_id
    assert view.authorization_expires_at
    assert view.authorization_expires_at > datetime.now(UTC) + timedelta(days=6)
    assert sandbox.ledger(wanted.reference)[0]["captured_cents"] == 0

    captured = await gateway.capture(view.authorization_id, wanted.amount, wanted.key_of("capture"))
    assert (captured.status, captured.amount) == ("paid", wanted.amount)
    assert captured.capture_id
    assert sandbox.ledger(wanted.reference)[0]["captured_cents"] == 4600


async def test_approval_alone_moves_no_money(citizen: Citizen, maker: Maker, sandbox: Sandbox) -> None:
    wanted, gateway = order("manual"), maker.paypal()
    opened = await gateway.open_session(wanted)
    await citizen.press(opened, "pay")
    assert (await gateway.read_session(opened.session_id)).status == "approved"
    assert sandbox.ledger(wanted.reference)[0]["authorised_cents"] == 0


async def test_only_the_whole_authorization_is_captured(gateway: Gateway, citizen: Citizen, sandbox: Sandbox) -> None:
    wanted = order("manual")
    _, view = await pay(gateway, citizen, wanted)
    for amount in (Money(4599), Money(4601), Money(4600, "USD")):
        with pytest.raises(GatewayRefused) as refused:
            await gateway.capture(view.authorization_id or "", amount, wanted.key_of("capture"))
        assert refused.value.code == "amount_differs"
    assert sandbox.ledger(wanted.reference)[0]["authorised_cents"] == 4600


async def test_voided(gateway: Gateway, citizen: Citizen, sandbox: Sandbox) -> None:
    wanted = order("manual")
    opened, view = await pay(gateway, citizen, wanted)
    for _ in range(2):
        assert (await gateway.void(view.authorization_id or "", wanted.key_of("void"))).status == "voided"
    assert (await gateway.read_session(opened.session_id)).status == "closed"
    captured = await gateway.capture(view.authorization_id or "", wanted.amount, wanted.key_of("capture"))
    assert captured.status == "refused"
    assert captured.code
    assert sandbox.ledger(wanted.reference)[0]["state"] == "voided"


async def test_a_void_that_comes_too_late_says_so(gateway: Gateway, citizen: Citizen) -> None:
    wanted = order("manual")
    _, view = await pay(gateway, citizen, wanted)
    await gateway.capture(view.authorization_id or "", wanted.amount, wanted.key_of("capture"))
    assert (await gateway.void(view.authorization_id or "", wanted.key_of("void"))).status == "captured"


async def test_declined_then_paid(gateway: Gateway, citizen: Citizen) -> None:
    wanted = order()
    opened = await gateway.open_session(wanted)
    location = await citizen.press(opened, "decline")
    assert location in opened.redirect_url
    assert "sandbox-declined" in await citizen.see(opened)
    assert (await gateway.read_session(opened.session_id)).status == "open"

    await citizen.press(opened, "pay")
    assert (await gateway.authorise(opened.session_id, wanted.key_of("authorise"))).status == "paid"


async def test_stripe_tells_why_a_card_was_declined(citizen: Citizen, maker: Maker) -> None:
    wanted, gateway = order(), maker.stripe()
    opened = await gateway.open_session(wanted)
    await citizen.press(opened, "pay", number="4000 0000 0000 9995")
    view = await gateway.read_session(opened.session_id)
    assert (view.status, view.last_decline, view.card) == ("open", "insufficient_funds", None)
    await citizen.press(opened, "pay")
    card = (await gateway.read_session(opened.session_id)).card
    assert card
    assert (card.brand, card.last4, card.expiry_year) == ("visa", "4242", 2034)


@pytest.mark.parametrize(
    ("capture", "code", "status"),
    [("automatic", "INSTRUMENT_DECLINED", "paid"), ("manual", "TRANSACTION_REFUSED", "authorised")],
)
async def test_paypal_declines_when_the_money_is_taken(
    citizen: Citizen, maker: Maker, capture: str, code: str, status: str
) -> None:
    wanted, gateway = order(capture, cents=4600 + magic.DECLINED_ONCE), maker.paypal()
    opened, view = await pay(gateway, citizen, wanted)
    assert (view.status, view.last_decline) == ("open", code)
    assert (await gateway.read_session(opened.session_id)).status == "open"
    await asyncio.sleep(1.1)  # PayPal's times, which tell one approval from the next, count seconds
    await citizen.press(opened, "pay")
    view = await gateway.authorise(opened.session_id, wanted.key_of("authorise"))
    assert (view.status, view.amount) == (status, wanted.amount)


async def test_abandoned(gateway: Gateway, citizen: Citizen) -> None:
    opened = await gateway.open_session(order())
    assert (await citizen.press(opened, "abandon")).startswith(CANCEL_URL)
    assert (await gateway.read_session(opened.session_id)).status == "open"


async def test_a_double_click_pays_once(gateway: Gateway, citizen: Citizen, sandbox: Sandbox) -> None:
    wanted = order()
    opened = await gateway.open_session(wanted)
    locations = await asyncio.gather(*(citizen.press(opened, "pay") for _ in range(5)))
    assert all(location.startswith(wanted.success_url) for location in locations)
    keys = [wanted.key_of("authorise")] * 3
    views = await asyncio.gather(*(gateway.authorise(opened.session_id, key) for key in keys))
    assert {view.status for view in views} == {"paid"}
    assert [entry["captured_cents"] for entry in sandbox.ledger(wanted.reference)] == [4600]


async def test_closed_while_open(gateway: Gateway, citizen: Citizen, sandbox: Sandbox) -> None:
    wanted = order()
    opened = await gateway.open_session(wanted)
    for _ in range(2):
        assert (await gateway.close_session(opened.session_id, wanted.key_of("close"))).status == "closed"
    await citizen.press(opened, "pay")
    [entry] = sandbox.ledger(wanted.reference)
    assert (entry["captured_cents"], entry["authorised_cents"]) == (0, 0)


@pytest.mark.parametrize(("capture", "status"), [("manual", "authorised"), ("automatic", "paid")])
async def test_closing_leaves_alone_what_is_complete(
    gateway: Gateway, citizen: Citizen, sandbox: Sandbox, capture: str, status: str
) -> None:
    wanted = order(capture)
    opened, _ = await pay(gateway, citizen, wanted)
    assert (await gateway.close_session(opened.session_id, wanted.key_of("close"))).status == status
    assert sandbox.ledger(wanted.reference)[0]["state"] == status


async def test_the_same_capture_twice_is_one(gateway: Gateway, citizen: Citizen, sandbox: Sandbox) -> None:
    wanted = order("manual")
    _, view = await pay(gateway, citizen, wanted)
    again = [
        await gateway.capture(view.authorization_id or "", wanted.amount, wanted.key_of("capture")) for _ in range(2)
    ]
    assert again[0] == again[1]
    assert sandbox.ledger(wanted.reference)[0]["captured_cents"] == 4600


async def test_refunds_up_to_what_was_captured(gateway: Gateway, citizen: Citizen, sandbox: Sandbox) -> None:
    wanted = order()
    _, view = await pay(gateway, citizen, wanted)
    capture_id = view.capture_id or ""
    first = await gateway.refund(capture_id, Money(1000), wanted.key_of("refund1"))
    second = await gateway.refund(capture_id, Money(3000), wanted.key_of("refund2"))
    assert (first.status, first.amount, second.status, second.amount) == (
        "succeeded",
        Money(1000),
        "succeeded",
        Money(3000),
    )
    assert await gateway.refund(capture_id, Money(1000), wanted.key_of("refund1")) == first
    assert await gateway.read_refund(first.refund_id) == first
    with pytest.raises(GatewayRefused) as refused:
        await gateway.refund(capture_id, Money(601), wanted.key_of("refund3"))
    assert refused.value.code == "refund_exceeds_capture"
    await gateway.refund(capture_id, Money(600), wanted.key_of("refund4"))
    with pytest.raises(GatewayRefused) as refused:
        await gateway.refund(capture_id, Money(1), wanted.key_of("refund5"))
    assert refused.value.code == "refund_exceeds_capture"
    [entry] = sandbox.ledger(wanted.reference)
    assert (entry["refunded_cents"], entry["refunds"]) == (4600, 3)


async def test_what_was_refunded_still_counts_as_paid(gateway: Gateway, citizen: Citizen) -> None:
    wanted = order()
    opened, view = await pay(gateway, citizen, wanted)
    await gateway.refund(view.capture_id or "", wanted.amount, wanted.key_of("refund"))
    after = await gateway.read_session(opened.session_id)
    assert (after.status, after.amount) == ("paid", wanted.amount)


async def test_a_key_opens_one_session(gateway: Gateway, sandbox: Sandbox) -> None:
    wanted = order()
    first, second = await gateway.open_session(wanted), await gateway.open_session(wanted)
    assert first == second
    other = order(key=wanted.key)
    with pytest.raises(GatewayRefused):
        await gateway.open_session(other)
    assert len(sandbox.ledger(wanted.reference)) == 1
    assert not sandbox.ledger(other.reference)


async def test_slow_money(gateway: Gateway, citizen: Citizen) -> None:
    wanted = order("manual", cents=4600 + magic.CAPTURE_PENDING)
    _, view = await pay(gateway, citizen, wanted)
    captured = await gateway.capture(view.authorization_id or "", wanted.amount, wanted.key_of("capture"))
    assert captured.status == "pending"


async def test_a_capture_refused_for_good(gateway: Gateway, citizen: Citizen, sandbox: Sandbox) -> None:
    wanted = order("manual", cents=4600 + magic.CAPTURE_REFUSED)
    opened, view = await pay(gateway, citizen, wanted)
    captured = await gateway.capture(view.authorization_id or "", wanted.amount, wanted.key_of("capture"))
    assert captured.status == "refused"
    assert captured.code
    assert (await gateway.read_session(opened.session_id)).status == "closed"
    assert sandbox.ledger(wanted.reference)[0]["captured_cents"] == 0


@pytest.mark.parametrize(("cents", "status"), [(magic.REFUND_FAILED, "failed"), (magic.REFUND_PENDING, "pending")])
async def test_a_refund_that_does_not_arrive(gateway: Gateway, citizen: Citizen, cents: int, status: str) -> None:
    wanted = order(cents=4600 + cents)
    _, view = await pay(gateway, citizen, wanted)
    refund = await gateway.refund(view.capture_id or "", wanted.amount, wanted.key_of("refund"))
    assert refund.status == status
    assert (await gateway.read_refund(refund.refund_id)).status == status
