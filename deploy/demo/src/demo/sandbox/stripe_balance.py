"""Stripe's balance transactions and payouts."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath

from demo.sandbox import dispute_shapes
from demo.sandbox import stripe_shapes as shapes
from demo.sandbox.book import find_refund
from demo.sandbox.desk import Desk, Reply
from demo.sandbox.sale import Dispute, Sale
from demo.sandbox.settlement import Movement, Payout, dispute_movements, movement_of
from demo.sandbox.settlement_desk import list_movements
from demo.sandbox.stripe_desk import Missing, serve
from demo.sandbox.stripe_requests import ListMovements, ListPayouts, Nothing, Page
from kit.requests import AnyRequest

CATEGORIES = {
    "payment": "charge",
    "refund": "refund",
    "payout": "payout",
    "dispute": "dispute",
    "dispute_returned": "dispute_reversal",
}
TYPES = CATEGORIES | dict.fromkeys(("dispute", "dispute_returned"), "adjustment")


def entry_id(movement: Movement) -> str:
    return f"txn_{movement.id.partition('_')[2]}"


def entry(movement: Movement, *, expanded: bool = False) -> shapes.Shape:
    return {
        "id": entry_id(movement),
        "object": "balance_transaction",
        "amount": movement.amount_cents,
        "available_on": shapes.seconds(movement.at),
        "balance_type": "payments",
        "created": shapes.seconds(movement.at),
        "currency": movement.currency.lower(),
        "description": None,
        "exchange_rate": None,
        "fee": movement.fee_cents,
        "fee_details": _fees(movement),
        "net": movement.net_cents,
        "reporting_category": CATEGORIES[movement.kind],
        "source": _source(movement) if expanded else _source_id(movement),
        "status": "available",
        "type": TYPES[movement.kind],
    }


def _fees(movement: Movement) -> list[shapes.Shape]:
    if not movement.fee_cents:
        return []
    currency = movement.currency.lower()
    kind = {"amount": movement.fee_cents, "application": None, "currency": currency, "type": "stripe_fee"}
    return [kind | {"description": "Stripe processing fees"}]


def _source_id(movement: Movement) -> str:
    dispute = movement.sale.dispute if movement.sale and movement.kind.startswith("dispute") else None
    return dispute.id if dispute else movement.id


def dispute_shape(sale: Sale, dispute: Dispute) -> shapes.Shape:
    """With what it moved on the balance so far."""
    moved = [entry(movement) for movement in dispute_movements(sale)]
    return dispute_shapes.stripe(sale, dispute) | {"balance_transactions": moved}


def _source(movement: Movement) -> Any:
    sale = movement.sale
    if sale is None:
        return movement.id
    if sale.dispute and movement.kind.startswith("dispute"):
        return dispute_shape(sale, sale.dispute)
    made = find_refund(sale, movement.id)
    return shapes.refund(sale, made) if made else shapes.charge(sale)


def payout_shape(payout: Payout) -> shapes.Shape:
    return {
        "id": payout.id,
        "object": "payout",
        "amount": payout.amount_cents,
        "arrival_date": shapes.seconds(payout.at),
        "automatic": True,
        "balance_transaction": entry_id(movement_of(payout)),
        "created": shapes.seconds(payout.at),
        "currency": payout.currency.lower(),
        "description": "STRIPE PAYOUT",
        "destination": "ba_sandbox",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "paid",
        "trace_id": {"status": "supported", "value": payout.id.removeprefix("po_").upper()},
        "type": "bank_account",
    }


@get("/balance_transactions")
async def list_entries(request: AnyRequest) -> Response[bytes]:
    return await serve(request, ListMovements, _list_entries)


def _list_entries(desk: Desk, tenant: str, query: ListMovements) -> Reply:
    found = list_movements(desk, "stripe", tenant)
    if query.payout:
        payout = _find_payout(desk, tenant, query.payout)
        found = [movement for movement in found if movement.id in (*payout.movements, payout.id)]
    expanded = "data.source" in query.expand
    newest_first = [entry(movement, expanded=expanded) for movement in reversed(found)]
    return Reply(200, _page(newest_first, query, "/v1/balance_transactions"))


@get("/payouts")
async def list_payouts(request: AnyRequest) -> Response[bytes]:
    def act(desk: Desk, tenant: str, query: ListPayouts) -> Reply:
        found = desk.book.list_payouts("stripe", tenant)
        return Reply(200, _page([payout_shape(payout) for payout in reversed(found)], query, "/v1/payouts"))

    return await serve(request, ListPayouts, act)


@get("/payouts/{payout_id:str}")
async def get_payout(request: AnyRequest, payout_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        return Reply(200, payout_shape(_find_payout(desk, tenant, payout_id)))

    return await serve(request, Nothing, act)


def _find_payout(desk: Desk, tenant: str, id_: str) -> Payout:
    for payout in desk.book.list_payouts("stripe", tenant):
        if payout.id == id_:
            return payout
    raise Missing("payout", id_)


def _page(items: Sequence[shapes.Shape], query: Page, url: str) -> shapes.Shape:
    """`items`: newest first."""
    since, until = int(query.created.gte or 0), int(query.created.lt or 0)
    found = [item for item in items if since <= item["created"] and (not until or item["created"] < until)]
    if query.starting_after:
        ids = [item["id"] for item in found]
        if query.starting_after not in ids:
            raise Missing("object", query.starting_after)
        found = found[ids.index(query.starting_after) + 1 :]
    limit = int(query.limit)
    return shapes.listing(found[:limit], url) | {"has_more": len(found) > limit}


ROUTES = Router("/v1", route_handlers=[list_entries, list_payouts, get_payout])
