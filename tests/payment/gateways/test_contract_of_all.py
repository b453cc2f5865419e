"""What every gateway promises, whatever its provider can do besides; and that it refuses by name what it cannot."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from tests.payment.gateways.conftest import Citizen, Maker, order
from tests.payment.gateways.sides import ABILITIES, EVERYTHING, Ability, SandboxSide, Side, TownSide
from tests.payment.support.house import Clock
from tests.support.sandbox import Sandbox

from contracts.money import Money
from payment.domain.attempt import ENDS_BY_ITSELF, MANUAL_METHODS, PROVIDERS_OF
from payment.gateways.gateway import Gateway, GatewayRefused, GatewayUnavailable, WebhookInvalid

LACKING = [(provider, ability) for provider, can in ABILITIES.items() for ability in sorted(EVERYTHING - can)]
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
USES: dict[Ability, tuple[Callable[[Gateway], Awaitable[object]], ...]] = {
    "reserve": (
        lambda gateway: gateway.open_session(order("manual")),
        lambda gateway: gateway.capture("a", Money(1), "k"),
        lambda gateway: gateway.void("a", "k"),
    ),
    "refund": (lambda gateway: gateway.refund("c", Money(1), "k"), lambda gateway: gateway.read_refund("r")),
    "report": (lambda gateway: gateway.read_movements(BEGIN, BEGIN),),
    "dispute": (lambda gateway: gateway.read_dispute("d"),),
}


@pytest.fixture(params=ABILITIES)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def side(
    request: pytest.FixtureRequest, provider: str, maker: Maker, citizen: Citizen, sandbox: Sandbox, clock: Clock
) -> Side:
    if provider == "xbezahldienste":
        return TownSide(request.getfixturevalue("other_side"), clock)
    return SandboxSide(provider, maker, citizen, sandbox)


async def test_money_is_taken_and_told(side: Side) -> None:
    wanted, gateway = order(), side.gateway
    opened = await gateway.open_session(wanted)
    before = await gateway.read_session(opened.session_id)
    assert (before.status, before.amount, before.reference) == ("open", wanted.amount, wanted.reference)
    assert await side.captured_cents(wanted.reference) == [0]
    await side.pay(opened)
    paid = await gateway.authorise(opened.session_id, wanted.key_of("authorise"))
    assert (paid.status, paid.amount, paid.reference) == ("paid", wanted.amount, wanted.reference)
    assert paid.capture_id
    assert paid == await gateway.read_session(opened.session_id)
    assert await side.captured_cents(wanted.reference) == [4600]


async def test_an_attempt_opens_one_session(side: Side) -> None:
    wanted = order()
    assert await side.gateway.open_session(wanted) == await side.gateway.open_session(wanted)
    assert await side.captured_cents(wanted.reference) == [0]


async def test_closing_leaves_alone_what_is_paid(side: Side) -> None:
    wanted, gateway = order(), side.gateway
    opened = await gateway.open_session(wanted)
    await side.pay(opened)
    paid = await gateway.authorise(opened.session_id, wanted.key_of("authorise"))
    assert await gateway.close_session(opened.session_id, wanted.key_of("close")) == paid
    assert await side.captured_cents(wanted.reference) == [4600]


async def test_an_open_session_is_closed_or_said_to_be_payable(side: Side, provider: str) -> None:
    wanted = order()
    opened = await side.gateway.open_session(wanted)
    if "end" in ABILITIES[provider]:  # type: ignore[index] # the fixture's parameters are its keys
        assert (await side.gateway.close_session(opened.session_id, wanted.key_of("close"))).status == "closed"
        return
    with pytest.raises(GatewayUnavailable, match="still_payable"):
        await side.gateway.close_session(opened.session_id, wanted.key_of("close"))


async def test_another_account_sees_nothing(side: Side) -> None:
    opened = await side.gateway.open_session(order())
    with pytest.raises(GatewayRefused) as refused:
        await (await side.stranger()).read_session(opened.session_id)
    assert refused.value.code == "session_not_found"


async def test_wrong_keys_are_the_operators_fault(side: Side) -> None:
    with pytest.raises(GatewayUnavailable) as failed:
        await side.misfit().open_session(order())
    assert failed.value.code == "credentials_refused"


async def test_the_provider_learns_a_neutral_word(side: Side) -> None:
    wanted = order()
    assert f"Gebühr {wanted.reference}" in await side.learnt(await side.gateway.open_session(wanted))


@pytest.mark.parametrize(("provider", "ability"), LACKING)
async def test_what_it_cannot_do_it_refuses_by_name(side: Side, ability: Ability) -> None:
    for use in USES.get(ability, ()):
        with pytest.raises(GatewayRefused, match="_not_offered"):
            await use(side.gateway)
    if ability == "webhook":
        with pytest.raises(WebhookInvalid):
            await side.gateway.verify_webhook({}, b"{}")


def test_payment_knows_who_can_do_what() -> None:
    assert set(ABILITIES) == {provider for providers in PROVIDERS_OF.values() for provider in providers}
    reserving = {provider for method in MANUAL_METHODS for provider in PROVIDERS_OF[method]}
    assert reserving == {provider for provider, can in ABILITIES.items() if "reserve" in can}
    assert set(ENDS_BY_ITSELF) == {provider for provider, can in ABILITIES.items() if "end" not in can}
