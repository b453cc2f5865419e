"""Whoever has an invitation's link."""

from typing import Any
from uuid import UUID, uuid4

from tests.booking.sample import PASS, TENANT, service_id
from tests.booking.support.callers import Callers
from tests.booking.support.life import at

from booking.usecases.view_appointment import Access

WISH = {"items": [{"service_id": str(service_id(PASS)), "quantity": 2}]}


class Guest:
    """Who has the link."""

    def __init__(self, callers: Callers, url: str) -> None:
        self.callers = callers
        self.token = url.rpartition("/")[2]

    async def call(self, method: str, path: str = "", body: Any = None, key: str | None = None, **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or str(uuid4())}
        return await self.callers.client.request(
            method, f"/v1/invitation{path}", json=body, headers=headers, params=query
        )

    async def hold(self, time: str = "08:00", key: str | None = None) -> Any:
        return await self.call("POST", "/appointments", {"start": at(time).isoformat()}, key)

    async def held(self, time: str = "08:00") -> Access:
        answer = await self.hold(time)
        assert answer.status_code == 201, answer.text
        return Access(TENANT, UUID(answer.json()["id"]))


async def invite(callers: Callers, **more: Any) -> tuple[Guest, dict[str, Any]]:
    answer = await callers.staff("POST", "invitations", WISH | more, roles=("clerk",))
    assert answer.status_code == 201, answer.text
    return Guest(callers, answer.json()["url"]), answer.json()
