"""A portal's program that books by API, as its developer would write it."""

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from tests.support.system import System

BERLIN = ZoneInfo("Europe/Berlin")


class Booker:
    def __init__(self, system: System, tenant: str = "heinsberg") -> None:
        self.system = system
        self.tenant = tenant
        self.base = f"{system.url('booking')}/v1"

    def find_service(self, query: str) -> dict[str, Any]:
        answer = self.system.http.get(f"{self.base}/tenants/{self.tenant}/services", params={"q": query})
        found: dict[str, Any] = answer.json()["items"][0]
        return found

    def first_start(self, service_id: str) -> str:
        return self.starts(service_id)[0]

    def starts(self, service_id: str) -> list[str]:
        days = self.system.http.get(
            f"{self.base}/tenants/{self.tenant}/availability", params={"items": f"{service_id}:1", "days": 60}
        ).json()["days"]
        return [
            datetime.fromisoformat(f"{day['date']}T{time}").replace(tzinfo=BERLIN).isoformat()
            for day in days
            for time in day["times"]
        ]

    def post(self, path: str, body: Any, token: str | None = None, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.system.http.post(f"{self.base}{path}", json=body, headers=headers)

    def hold(self, query: str, *, late: bool = False) -> dict[str, Any]:
        """The first time that nobody else takes meanwhile: a list may be a second old. `late`: the last one, at which
        colleagues are free, too.
        """
        service_id = self.find_service(query)["id"]
        items = [{"service_id": service_id, "quantity": 1}]
        starts = list(self.starts(service_id))
        for start in reversed(starts) if late else starts:
            answer = self.post(f"/tenants/{self.tenant}/appointments", {"items": items, "start": start})
            if answer.status_code != 409:
                break
        assert answer.status_code == 201, answer.text
        held: dict[str, Any] = answer.json()
        return held

    def confirm(self, held: dict[str, Any], email: str, payment: str = "counter") -> httpx.Response:
        contact = {"given_name": "Jörg", "family_name": "Küppers", "email": email, "language": "de"}
        return self.post(
            f"/appointments/{held['id']}/confirmation",
            {"contact": contact, "payment": payment},
            token=held["access_token"],
        )

    def read(self, held: dict[str, Any]) -> dict[str, Any]:
        answer = self.system.http.get(
            f"{self.base}/appointments/{held['id']}", headers={"Authorization": f"Bearer {held['access_token']}"}
        )
        assert answer.status_code == 200, answer.text
        appointment: dict[str, Any] = answer.json()
        return appointment


def new_address(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}@example.org"
