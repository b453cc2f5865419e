"""Free times and holds, as a citizen's program asks for them."""

from typing import Any

from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.sample import PERSO, TENANT, service_id

Client = AsyncTestClient[Litestar]
START = "2026-11-24T08:00:00+01:00"


def hold_body(start: str = START, name: str = PERSO, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"items": [{"service_id": str(service_id(name)), "quantity": quantity}], "start": start} | more


async def hold(client: Client, key: str = "k1", **body: Any) -> Any:
    return await client.post(
        f"/v1/tenants/{TENANT}/appointments", json=hold_body(**body), headers={"Idempotency-Key": key}
    )


async def free_times(client: Client, day: str = "2026-11-24", items: str | None = None, **query: Any) -> Any:
    items = items or f"{service_id(PERSO)}:1"
    response = await client.get(
        f"/v1/tenants/{TENANT}/availability", params={"items": items, "from": day, "days": 1} | query
    )
    assert response.status_code == 200, response.text
    return response.json()["days"][0]["times"]
