"""Staff tokens for tests, as the house's sign-on issues them."""

from datetime import UTC, datetime
from uuid import uuid4

from tests.booking.sample import TENANT

from kit.tokens import StaffClaims, sign

STAFF_KEY = "staff-key-of-the-tests"


def staff_headers(*roles: str, subject: str = "lea", tenant: str = TENANT, key: str | None = None) -> dict[str, str]:
    """Authorization, and an Idempotency-Key of its own each time unless `key` is given."""
    claims = StaffClaims(subject=subject, tenant=tenant, roles=roles, expires_at=datetime(2099, 1, 1, tzinfo=UTC))
    return {"Authorization": f"Bearer {sign(STAFF_KEY, 'staff', claims)}", "Idempotency-Key": key or str(uuid4())}


def staff(role: str, tenant: str = TENANT, subject: str = "eva.schmitz", key: str | None = None) -> dict[str, str]:
    return staff_headers(role, tenant=tenant, subject=subject, key=key)
