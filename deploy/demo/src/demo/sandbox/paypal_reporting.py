"""PayPal's transaction report."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Response, Router, get

from demo.sandbox import paypal_shapes as shapes
from demo.sandbox.desk import Desk, Reply
from demo.sandbox.paypal_desk import serve
from demo.sandbox.paypal_requests import Nothing
from demo.sandbox.settlement import Movement
from demo.sandbox.settlement_desk import list_movements
from kit.requests import AnyRequest

SPAN_MAX = timedelta(days=31)
EVENT_CODES = {"payment": "T0006", "refund": "T1107", "payout": "T0403", "dispute": "T1201", "dispute_fee": "T0106"}


class Query(msgspec.Struct, frozen=True):
    start_date: datetime
    end_date: datetime
    page_size: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    page: Annotated[int, msgspec.Meta(ge=1)] = 1
    fields: str = "transaction_info"
    balance_affecting_records_only: str = "Y"


def _amount(cents: int, currency: str) -> shapes.Shape:
    sign = "-" if cents < 0 else ""
    return {"currency_code": currency, "value": f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"}


def transaction(movement: Movement) -> shapes.Shape:
    sale = movement.sale
    info: shapes.Shape = {
        "transaction_id": movement.id,
        "transaction_event_code": EVENT_CODES[movement.kind],
        "transaction_initiation_date": shapes.stamp(movement.at),
        "transaction_updated_date": shapes.stamp(movement.at),
        "transaction_amount": _amount(movement.amount_cents, movement.currency),
        "transaction_status": "S",
    }
    if movement.fee_cents:
        info["fee_amount"] = _amount(-movement.fee_cents, movement.currency)
    if sale and sale.reference:
        info["invoice_id"] = sale.reference
    if sale and movement.kind != "payment":
        info |= {"paypal_reference_id": sale.capture_id or "", "paypal_reference_id_type": "TXN"}
    return {"transaction_info": info}


@get("/v1/reporting/transactions")
async def list_transactions(request: AnyRequest) -> Response[bytes]:
    query = dict(request.query_params)

    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        return _list(desk, tenant, msgspec.convert(query, Query, strict=False))

    return await serve(request, Nothing, act)


def _list(desk: Desk, tenant: str, query: Query) -> Reply:
    if not query.start_date <= query.end_date <= query.start_date + SPAN_MAX:
        message = "Request is not well-formed, syntactically incorrect, or violates schema."
        return Reply(400, shapes.problem("INVALID_REQUEST", message, "INVALID_DATE_RANGE", "end_date"))
    everything = list_movements(desk, "paypal", tenant)
    found = [movement for movement in everything if query.start_date <= movement.at <= query.end_date]
    first = (query.page - 1) * query.page_size
    shown = [transaction(movement) for movement in found[first : first + query.page_size]]
    report = {
        "account_number": "SANDBOX000001",
        "start_date": shapes.stamp(query.start_date),
        "end_date": shapes.stamp(query.end_date),
        "last_refreshed_datetime": shapes.stamp(desk.clock()),
        "page": query.page,
        "total_items": len(found),
        "total_pages": -(-len(found) // query.page_size),
        "links": [shapes.link(f"{desk.public_url}/v1/reporting/transactions", "self")],
    }
    return Reply(200, report | ({"transaction_details": shown} if shown else {}))


ROUTES = Router("/", route_handlers=[list_transactions])
