"""Rules of responsibility for the sample town, put by a lead, and asked about by a citizen."""

from typing import Any

from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.sample import PERSO, TENANT, service_id
from tests.booking.support.staff import staff

Client = AsyncTestClient[Litestar]
A_K = {"name": "A–K", "services": [PERSO], "surnames": [{"from": "A", "to": "K"}], "clerk": "Clerk 0"}
L_Z = {"name": "L–Z", "services": [PERSO], "surnames": [{"from": "L", "to": "Z"}], "clerk": "Clerk 1"}


async def put_rules(client: Client, *rules: dict[str, Any], **more: Any) -> Any:
    return await client.put("/v1/staff/responsibility-rules", json={"items": list(rules)} | more, headers=staff("lead"))


async def ask(client: Client, *names: str, **facts: str) -> Any:
    body = {"service_ids": [str(service_id(name)) for name in names or (PERSO,)]} | facts
    answer = await client.post(f"/v1/tenants/{TENANT}/responsibility", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()
