"""Staff tokens, and words that may be saved."""

from datetime import timedelta

from tests.notify.letters import NOW

from kit.tokens import StaffClaims, sign

STAFF_KEY = "staff-key-of-the-template-tests"
CONFIRMATION = "/v1/staff/templates/confirmation/de"
OWN = {
    "subject": "Bis bald: {{start}}",
    "body": "Moin {{name}},\n\nwir freuen uns auf Ihren Besuch am {{day}}. Bitte seien Sie pünktlich da:\n\n"
    "{{visit}}\n{{fee}}\n{{documents}}",
}


def staff_token(roles: tuple[str, ...] = ("admin",), tenant: str = "heinsberg", hours: int = 1) -> str:
    claims = StaffClaims(subject="a.claessen", tenant=tenant, roles=roles, expires_at=NOW + timedelta(hours=hours))
    return sign(STAFF_KEY, "staff", claims)


def bearer(roles: tuple[str, ...] = ("admin",), tenant: str = "heinsberg", hours: int = 1) -> dict[str, str]:
    return {"Authorization": f"Bearer {staff_token(roles, tenant, hours)}"}
