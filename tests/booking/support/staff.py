"""Members of the staff, as their tokens say."""

from datetime import UTC, datetime

from tests.booking.sample import TENANT

from kit.tokens import StaffClaims, sign

KEY = "staff-key-of-the-tests"


def staff(*roles: str, tenant: str = TENANT, subject: str = "lea") -> dict[str, str]:
    """Headers."""
    claims = StaffClaims(subject=subject, tenant=tenant, roles=roles, expires_at=datetime(2030, 1, 1, tzinfo=UTC))
    return {"Authorization": f"Bearer {sign(KEY, 'staff', claims)}"}
