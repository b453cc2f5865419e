"""The gateway to systems behind XBezahldienste: what of the contract applies, with our own facade as the other side."""

import ssl
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.payment.gateways.conftest import order
from tests.payment.gateways.other_side import SECRET, TOWN, OtherSide, account, gateway_of
from tests.payment.support.house import Clock
from tests.payment.support.mtls import Authority, Identity, tls_proxy
from tests.payment.support.transactions import BASE, END_POINT, ORIGINATOR, configure_originators

from payment.gateways.gateway import GatewayUnavailable, SessionItem
from payment.gateways.xbezahldienste import XBezahldiensteGateway, payment_request
from payment.gateways.xbezahldienste_client import (
    AccountUnusable,
    Basic,
    Bearer,
    MutualTls,
    make_tls,
)
from payment.usecases.configure import OriginatorEntry


@pytest.fixture
def gateway(other_side: OtherSide, clock: Clock) -> XBezahldiensteGateway:
    return gateway_of(account(authentication=Bearer(token=other_side.key)), other_side.http, clock)


async def test_paid_at_once(gateway: XBezahldiensteGateway, other_side: OtherSide) -> None:
    wanted = order()
    opened = await gateway.open_session(wanted)
    before = await gateway.read_session(opened.session_id)
    assert (before.status, before.amount, before.reference) == ("open", wanted.amount, wanted.reference)
    assert opened.redirect_url.startswith(f"{TOWN}/heinsberg/checkout/")
    await other_side.pay(opened.session_id)
    paid = await gateway.read_session(opened.session_id)
    assert (paid.status, paid.amount, paid.reference) == ("paid", wanted.amount, wanted.reference)
    payment = await other_side.pool.fetchrow("SELECT treasury_reference FROM payment")
    assert paid.capture_id == payment["treasury_reference"]  # by which the other side's treasury finds it
    assert await gateway.authorise(opened.session_id, wanted.key_of("authorise")) == paid
    assert await gateway.close_session(opened.session_id, wanted.key_of("close")) == paid


async def test_cancelled_there_is_closed_here(gateway: XBezahldiensteGateway, other_side: OtherSide) -> None:
    opened = await gateway.open_session(order())
    await other_side.cancel(opened.session_id)
    view = await gateway.read_session(opened.session_id)
    assert (view.status, view.last_decline) == ("closed", None)


async def test_a_session_is_closed_only_when_nobody_can_pay_it_any_more(
    gateway: XBezahldiensteGateway, clock: Clock
) -> None:
    wanted = order(requested_at=clock())
    opened = await gateway.open_session(wanted)
    clock.pass_by(minutes=59)
    with pytest.raises(GatewayUnavailable) as unknown:
        await gateway.close_session(opened.session_id, wanted.key_of("close"))
    assert unknown.value.code == "still_payable"
    clock.pass_by(minutes=1)
    assert (await gateway.close_session(opened.session_id, wanted.key_of("close"))).status == "closed"


async def test_wrong_keys_are_the_operators_fault(other_side: OtherSide, clock: Clock) -> None:
    for wrong in (
        account(authentication=Bearer(token="wrong")),
        account(authentication=Basic(username="a", password="b")),
        account(authentication=Bearer(token=other_side.key), end_point_id="elsewhere"),
    ):
        with pytest.raises(GatewayUnavailable) as failed:
            await gateway_of(wrong, other_side.http, clock).open_session(order())
        assert failed.value.code == "credentials_refused"


def test_the_provider_learns_a_neutral_word() -> None:
    wanted = order()
    told = msgspec.json.decode(msgspec.json.encode(payment_request(wanted, {})))
    [position] = told["items"]
    words = {told["purpose"], told["description"], position["description"], position["reference"]}
    assert words == {wanted.reference, f"Gebühr {wanted.reference}", "Gebühr"}
    assert "requestor" not in told


async def test_each_item_brings_what_the_other_side_books_it_by(other_side: OtherSide, clock: Clock) -> None:
    items = (
        SessionItem(quantity=2, amount_cents=1500, booking_data={"Kostenträger": "4711"}),
        SessionItem(quantity=1, amount_cents=1600, booking_data={"Haushaltsstelle": "99999"}),
    )
    wanted = msgspec.structs.replace(order(), items=items)
    mine = account(authentication=Bearer(token=other_side.key))
    await gateway_of(mine, other_side.http, clock).open_session(wanted)
    rows = await other_side.pool.fetch(
        "SELECT description, quantity, amount_cents, accounting FROM payment_item ORDER BY position"
    )
    assert [tuple(row) for row in rows] == [
        ("Gebühr", 2, 1500, {"Haushaltsstelle": "51110", "Kostenträger": "4711"}),
        ("Gebühr", 1, 1600, {"Haushaltsstelle": "99999"}),
    ]


async def test_a_client_certificate_opens_the_other_side(other_side: OtherSide, clock: Clock, tmp_path: Path) -> None:
    """A real TLS server that asks for it, as ePayBL's does; behind it our facade, told by the proxy who it is."""
    authority = Authority("Authority of the tests")
    ours, unknown = authority.sign("stadt-wegberg"), authority.sign("somebody")
    forged = Authority("Authority of the tests").sign("stadt-wegberg")
    known = OriginatorEntry(id=ORIGINATOR, end_points=(END_POINT,), certificates=(ours.fingerprint,))
    await configure_originators(other_side.pool, known)

    async def open_as(own: Identity, trusted: str = authority.pem) -> str:
        """How the new session stands."""
        identity = MutualTls(certificate=own.certificate_pem, key=own.key_pem)
        mine = account(url=f"{url}{BASE}", authentication=identity, authority=trusted)
        async with httpx.AsyncClient(verify=make_tls(mine)) as http:
            gateway = gateway_of(mine, http, clock)
            opened = await gateway.open_session(order())
            return (await gateway.read_session(opened.session_id)).status

    async with tls_proxy(authority, other_side.http, SECRET, tmp_path) as url:
        assert await open_as(ours) == "open"
        with pytest.raises(GatewayUnavailable, match="credentials_refused"):
            await open_as(unknown)
        with pytest.raises(GatewayUnavailable, match="no_answer"):
            await open_as(forged)
        with pytest.raises(GatewayUnavailable, match="no_answer"):
            await open_as(ours, trusted=Authority("Somebody else's").pem)


def test_a_key_that_does_not_fit_is_found_before_it_is_used() -> None:
    authority = Authority("Authority of the tests")
    one, other = authority.sign("one"), authority.sign("other")
    mixed = MutualTls(certificate=one.certificate_pem, key=other.key_pem)
    with pytest.raises(AccountUnusable, match="authentication"):
        make_tls(account(authentication=mixed))
    with pytest.raises(AccountUnusable, match="authority"):
        make_tls(account(authority="no certificate"))
    fitting = MutualTls(certificate=one.certificate_pem, key=one.key_pem)
    assert isinstance(make_tls(account(authentication=fitting, authority=authority.pem)), ssl.SSLContext)
