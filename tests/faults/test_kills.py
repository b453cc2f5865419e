"""Killed with SIGKILL, started again by the supervisor: everything is late, nothing is lost."""

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.support.mails import wait_for
from tests.support.system import System, eventually

PARTS = ["booking work", "payment work", "notify work", "booking serve", "payment serve", "notify serve", "nats-server"]


def hold(system: System, tenant: str = "heinsberg") -> dict[str, Any]:
    booking = system.url("booking")
    services = system.http.get(f"{booking}/v1/tenants/{tenant}/services", params={"q": "Wohnsitz anmelden"}).json()
    service = services["items"][0]["id"]
    days = system.http.get(
        f"{booking}/v1/tenants/{tenant}/availability", params={"items": f"{service}:1", "days": 30}
    ).json()["days"]
    day = next(day for day in days if day["free"])
    start = datetime.fromisoformat(f"{day['date']}T{day['times'][0]}").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    answer = system.http.post(
        f"{booking}/v1/tenants/{tenant}/appointments",
        headers={"Idempotency-Key": str(uuid.uuid4())},
        json={"items": [{"service_id": service, "quantity": 1}], "start": start.isoformat()},
    )
    assert answer.status_code == 201, answer.text
    held: dict[str, Any] = answer.json()
    return held


def confirm(system: System, held: dict[str, Any], email: str) -> None:
    answer = system.http.post(
        f"{system.url('booking')}/v1/appointments/{held['id']}/confirmation",
        headers={"Authorization": f"Bearer {held['access_token']}", "Idempotency-Key": str(uuid.uuid4())},
        json={
            "contact": {"given_name": "Jörg", "family_name": "Küppers", "email": email, "language": "de"},
            "payment": "counter",
        },
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "confirmed"


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_delays_the_mail_and_loses_nothing(system: System, part: str) -> None:
    email = f"ausfall-{uuid.uuid4().hex[:8]}@example.org"
    held = hold(system)
    if part.endswith("serve"):
        confirm(system, held, email)
        system.kill(part)
    else:
        system.kill(part)
        confirm(system, held, email)
    assert len(wait_for(system, email, "Termin", timeout_s=60)) == 1
    eventually(lambda: system.child_pids(part), 20)
