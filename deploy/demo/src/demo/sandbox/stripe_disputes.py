"""Stripe's disputes: one read, or those of a payment intent."""

from litestar import Response, Router, get
from litestar.params import FromPath

from demo.sandbox.desk import Desk, Reply
from demo.sandbox.stripe_balance import dispute_shape
from demo.sandbox.stripe_desk import Missing, find, serve
from demo.sandbox.stripe_requests import ListDisputes, Nothing
from demo.sandbox.stripe_shapes import listing
from kit.requests import AnyRequest


@get("/disputes/{dispute_id:str}")
async def get_dispute(request: AnyRequest, dispute_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = find(desk, tenant, dispute_id, "dispute")
        if sale.dispute is None or sale.dispute.id != dispute_id:
            raise Missing("dispute", dispute_id)
        return Reply(200, dispute_shape(sale, sale.dispute))

    return await serve(request, Nothing, act)


@get("/disputes")
async def list_disputes(request: AnyRequest) -> Response[bytes]:
    def act(desk: Desk, tenant: str, query: ListDisputes) -> Reply:
        sale = find(desk, tenant, query.payment_intent, "payment_intent")
        items = [dispute_shape(sale, sale.dispute)] if sale.dispute else []
        return Reply(200, listing(items, "/v1/disputes"))

    return await serve(request, ListDisputes, act)


ROUTES = Router("/v1", route_handlers=[get_dispute, list_disputes])
