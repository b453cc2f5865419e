"""The owner's calls over HTTP, with the appointment's token."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.sample import PERSO, TENANT, service_id

from booking.usecases.view_appointment import Access
from contracts.booking import Letter

SERVICE_TOKEN = "service-token-of-the-tests"
CONTACT = {"given_name": "Erika", "family_name": "Mustermann", "email": "erika@example.org", "language": "en"}


class Citizen:
    def __init__(self, client: AsyncTestClient[Litestar]) -> None:
        self.client = client
        self.id = ""
        self.token = ""

    async def hold(self, start: str = "2026-11-25T08:00:00+01:00", service: str = PERSO, **more: Any) -> Any:
        held = (await self.try_to_hold(start, service, **more)).json()
        self.id, self.token = held["id"], held["access_token"]
        return held

    async def try_to_hold(self, start: str, service: str, **more: Any) -> Any:
        body = {"items": [{"service_id": str(service_id(service))}], "start": start} | more
        headers = {"Idempotency-Key": str(uuid4())}
        return await self.client.post(f"/v1/tenants/{TENANT}/appointments", json=body, headers=headers)

    async def post(self, verb: str, body: Any = None, key: str | None = None, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token or self.token}", "Idempotency-Key": key or str(uuid4())}
        return await self.client.post(f"/v1/appointments/{self.id}/{verb}", json=body, headers=headers)

    async def get(self, path: str = "", token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return await self.client.get(f"/v1/appointments/{self.id}{path}", headers=headers)

    @property
    def access(self) -> Access:
        return Access(TENANT, UUID(self.id))

    async def fetch_letter(self, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token or SERVICE_TOKEN}"}
        return await self.client.get(f"/internal/v1/appointments/{self.id}/letter", headers=headers)

    async def letter(self) -> Letter:
        """As notify reads it."""
        return msgspec.json.decode((await self.fetch_letter()).content, type=Letter)
