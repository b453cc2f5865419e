"""Who is on the other side of each gateway, and what each can do: all hold the contract as far as that goes."""

from typing import Any, Literal, Protocol, get_args

from tests.payment.gateways.conftest import Citizen, Maker
from tests.payment.gateways.other_side import OtherSide, account, gateway_of
from tests.payment.support.house import Clock
from tests.payment.support.transactions import END_POINT, ORIGINATOR, configure_originators
from tests.support.sandbox import Sandbox

from payment.domain.attempt import Provider
from payment.gateways.gateway import Gateway, OpenedSession
from payment.gateways.xbezahldienste_client import Bearer
from payment.usecases.configure import OriginatorEntry

Ability = Literal[
    "reserve",  # and capture or void later
    "end",  # a session that is still open
    "refund",
    "report",  # movements of its account
    "dispute",
    "webhook",
]
EVERYTHING: frozenset[Ability] = frozenset(get_args(Ability))
ABILITIES: dict[Provider, frozenset[Ability]] = {
    "stripe": EVERYTHING,
    "paypal": EVERYTHING,
    "xbezahldienste": frozenset(),  # it takes money, and tells how that stands
}


class Side(Protocol):
    gateway: Gateway

    async def pay(self, opened: OpenedSession) -> None:
        """The citizen does."""

    async def captured_cents(self, reference: str) -> list[int]:
        """Of each order that it has under our reference."""

    async def learnt(self, opened: OpenedSession) -> str:
        """What it was told of the purpose."""

    async def stranger(self) -> Gateway:
        """Another account at the same provider."""

    def misfit(self) -> Gateway:
        """Our account with a key that is wrong."""


class SandboxSide:
    def __init__(self, provider: str, maker: Maker, citizen: Citizen, sandbox: Sandbox) -> None:
        self.gateway = maker.make(provider)
        self._provider, self._maker, self._citizen, self._sandbox = provider, maker, citizen, sandbox

    async def pay(self, opened: OpenedSession) -> None:
        await self._citizen.press(opened, "pay")

    async def captured_cents(self, reference: str) -> list[int]:
        return [entry["captured_cents"] for entry in self._sandbox.ledger(reference)]

    async def learnt(self, opened: OpenedSession) -> str:
        return await self._citizen.see(opened)

    async def stranger(self) -> Gateway:
        return self._make(
            {"client_id": "paypal-client-erkelenz", "client_secret": "paypal-secret-erkelenz"},
            {"secret_key": "sk_test_erkelenz"},
        )

    def misfit(self) -> Gateway:
        return self._make({"client_secret": "wrong"}, {"secret_key": "sk_live_wrong"})

    def _make(self, paypal: dict[str, str], stripe: dict[str, str]) -> Gateway:
        return self._maker.make(self._provider, **(paypal if self._provider == "paypal" else stripe))


class TownSide:
    """Our own facade, as another house's."""

    def __init__(self, town: OtherSide, clock: Clock) -> None:
        self._town, self._clock = town, clock
        self.gateway: Gateway = self._make(town.key)

    def _make(self, token: str, **changes: Any) -> Gateway:
        return gateway_of(account(authentication=Bearer(token=token), **changes), self._town.http, self._clock)

    async def pay(self, opened: OpenedSession) -> None:
        await self._town.pay(opened.session_id)

    async def captured_cents(self, reference: str) -> list[int]:
        rows = await self._town.pool.fetch(
            "SELECT (SELECT coalesce(sum(amount_cents), 0)::bigint FROM ledger_entry l WHERE l.payment_id = p.id)"
            " AS cents FROM payment p WHERE p.description LIKE '%' || $1",
            reference,
        )
        return [row["cents"] for row in rows]

    async def learnt(self, opened: OpenedSession) -> str:
        description: str = await self._town.pool.fetchval(
            "SELECT description FROM payment WHERE id = $1::uuid", opened.session_id
        )
        return description

    async def stranger(self) -> Gateway:
        entries = (OriginatorEntry(id=name, end_points=(END_POINT,)) for name in (ORIGINATOR, "other"))
        await configure_originators(self._town.pool, *entries)
        return self._make(self._town.key, originator_id="other")

    def misfit(self) -> Gateway:
        return self._make("wrong")
