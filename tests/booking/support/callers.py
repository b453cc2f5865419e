"""Who calls over HTTP: an appointment's citizen by its token, staff by theirs."""

from typing import Any
from uuid import uuid4

from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.support.staff import staff_headers

from booking.usecases.view_appointment import Access
from kit.sql import Pool
from kit.tokens import sign_id

LINK_KEY = "link-key-of-the-tests"


async def token_of(pool: Pool, access: Access) -> str:
    grant_id = await pool.fetchval("SELECT id FROM access_grant WHERE appointment_id = $1", access.appointment_id)
    return sign_id(LINK_KEY, "access", grant_id)


class Callers:
    def __init__(self, client: AsyncTestClient[Litestar], pool: Pool) -> None:
        self.client = client
        self.pool = pool

    async def citizen(
        self, method: str, access: Access, path: str = "", body: Any = None, key: str | None = None
    ) -> Any:
        token = await token_of(self.pool, access)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or str(uuid4())}
        url = f"/v1/appointments/{access.appointment_id}{path}"
        return await self.client.request(method, url, json=body, headers=headers)

    async def staff(
        self, method: str, path: str, body: Any = None, roles: tuple[str, ...] = ("lead",), **who: Any
    ) -> Any:
        headers = staff_headers(*roles, **who)
        return await self.client.request(method, f"/v1/staff/{path}", json=body, headers=headers)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")
