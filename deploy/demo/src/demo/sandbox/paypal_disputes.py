"""PayPal's disputes: one read, or those of a captured payment."""

from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery

from demo.sandbox import dispute_shapes
from demo.sandbox.desk import Desk, Reply
from demo.sandbox.paypal_desk import Missing, find, serve
from demo.sandbox.paypal_requests import Nothing
from demo.sandbox.paypal_shapes import link
from kit.requests import AnyRequest

SUMMARY = (
    "dispute_id",
    "create_time",
    "update_time",
    "reason",
    "status",
    "dispute_amount",
    "dispute_life_cycle_stage",
    "links",
)
"""What PayPal's list tells of each."""


@get("/v1/customer/disputes/{dispute_id:str}")
async def get_dispute(request: AnyRequest, dispute_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = find(desk, tenant, dispute_id)
        if sale.dispute is None or sale.dispute.id != dispute_id:
            raise Missing
        return Reply(200, dispute_shapes.paypal(sale, sale.dispute, desk.public_url))

    return await serve(request, Nothing, act)


@get("/v1/customer/disputes")
async def list_disputes(request: AnyRequest, disputed_transaction_id: FromQuery[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = find(desk, tenant, disputed_transaction_id)
        whole = [dispute_shapes.paypal(sale, sale.dispute, desk.public_url)] if sale.dispute else []
        items = [{name: value for name, value in dispute.items() if name in SUMMARY} for dispute in whole]
        links = [link(f"{desk.public_url}/v1/customer/disputes", "self")]
        return Reply(200, {"items": items, "links": links})

    return await serve(request, Nothing, act)


ROUTES = Router("/", route_handlers=[get_dispute, list_disputes])
