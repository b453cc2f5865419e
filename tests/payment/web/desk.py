"""The treasury's desk, over HTTP: who comes with which token, and for what."""

from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.payment.support.house import PORTAL, STAFF_KEY, Clock
from tests.payment.web.conftest import Till

from kit.tokens import StaffClaims, sign


def staff_token(clock: Clock, subject: str, role: str = "treasurer", tenant: str = "heinsberg") -> str:
    expires_at = clock() + timedelta(hours=1)
    claims = StaffClaims(subject=subject, tenant=tenant, roles=(role,), expires_at=expires_at)
    return sign(STAFF_KEY, "staff", claims)


async def paid(till: Till) -> dict[str, Any]:
    payment = await till.create()
    assert await till.pay(payment) == f"{PORTAL}/danke?order=1"
    return payment


def treasurer(clock: Clock, subject: str = "carla", **claims: str) -> dict[str, str]:
    token = staff_token(clock, subject, **claims)
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}


def local_day(clock: Clock) -> str:
    return str(clock().astimezone(ZoneInfo("Europe/Berlin")).date())
