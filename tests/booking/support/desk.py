"""The staff's calls over HTTP, with tokens of the house's sign-on."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.sample import TENANT
from tests.booking.support.life import Life
from tests.booking.support.staff import STAFF_KEY

from booking.usecases.view_appointment import Access
from kit.tokens import StaffClaims, sign

if TYPE_CHECKING:
    from tests.booking.conftest import SetClock


class Desk:
    """`life` acts for the citizens beside it."""

    def __init__(self, client: AsyncTestClient[Litestar], clock: "SetClock", life: Life) -> None:
        self.client = client
        self.clock = clock
        self.life = life

    def token(self, *roles: str, subject: str = "anna.claessen", tenant: str = TENANT, key: str = STAFF_KEY) -> str:
        until = self.clock() + timedelta(hours=8)
        return sign(key, "staff", StaffClaims(subject=subject, tenant=tenant, roles=roles, expires_at=until))

    async def get(self, path: str, token: str | None = None, **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {token or self.token('clerk')}"}
        return await self.client.get(f"/v1/staff{path}", params=query, headers=headers)

    async def post(self, path: str, body: Any = None, token: str | None = None, key: str | None = None) -> Any:
        headers = {
            "Authorization": f"Bearer {token or self.token('clerk')}",
            "Idempotency-Key": key or str(uuid4()),
        }
        return await self.client.post(f"/v1/staff{path}", json=body, headers=headers)

    async def do(self, access: Access | UUID, verb: str, body: Any = None, **more: Any) -> Any:
        """A step with a single visit."""
        id_ = access.appointment_id if isinstance(access, Access) else access
        return await self.post(f"/appointments/{id_}/{verb}", body, **more)
