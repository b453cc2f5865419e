"""Tokens of the house's sign-on, as the tests' services expect them."""

from datetime import UTC, datetime
from uuid import uuid4

from tests.booking.sample import TENANT

from kit.tokens import StaffClaims, sign

STAFF_KEY = "staff-key-of-the-tests"


def staff(role: str, tenant: str = TENANT, subject: str = "eva.schmitz", key: str | None = None) -> dict[str, str]:
    """Headers of a member of the staff; each request has a key of its own, unless one is given."""
    claims = StaffClaims(subject=subject, tenant=tenant, roles=(role,), expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    return {"Authorization": f"Bearer {sign(STAFF_KEY, 'staff', claims)}", "Idempotency-Key": key or str(uuid4())}
