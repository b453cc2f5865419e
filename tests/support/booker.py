"""A portal's program that books by API, as `api.md`'s readers would write it."""

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

    def first_start(self, service_id: str, day_no: int = 0) -> str:
        days = self.system.http.get(
            f"{self.base}/tenants/{self.tenant}/availability", params={"items": f"{service_id}:1", "days": 60}
        ).json()["days"]
        day = [day for day in days if day["free"]][day_no]
        return datetime.fromisoformat(f"{day['date']}T{day['times'][0]}").replace(tzinfo=BERLIN).isoformat()

    def post(self, path: str, body: Any, token: str | None = None, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.system.http.post(f"{self.base}{path}", json=body, headers=headers)

    def hold(self, query: str, day_no: int = 0) -> dict[str, Any]:
        service_id = self.find_service(query)["id"]
        body = {
            "items": [{"service_id": service_id, "quantity": 1}],
            "start": self.first_start(service_id, day_no),
        }
        answer = self.post(f"/tenants/{self.tenant}/appointments", body)
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
