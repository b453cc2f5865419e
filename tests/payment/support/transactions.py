"""XBezahldienste's requests, and a town that takes them."""

from typing import Any
from uuid import uuid4

import msgspec
from tests.payment.support.house import ACCOUNTS_KEY, PORTAL, accounts, profile

from contracts.tenant import TenantsFile
from kit.sql import Pool
from payment.usecases.configure import AccountsFile, OriginatorEntry, TenantAccounts, configure

BASE = "/xbezahldienste/api/v1.0.0"
ORIGINATOR, END_POINT = "buergerportal", "stadtkasse"


def item(**changes: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "reference": "auszug",
        "description": "Auszug Liegenschaftskarte",
        "taxRate": 19,
        "quantity": 2,
        "totalNetAmount": 25.22,
        "totalTaxAmount": 4.78,
        "singleNetAmount": 12.605,
        "singleTaxAmount": 2.395,
        "bookingData": {"Haushaltsstelle": "51110.43110000"},
    } | changes


def asked(**changes: Any) -> dict[str, Any]:
    """Body of the standard's POST: 30.00 € in one position of two."""
    return {
        "requestId": str(uuid4()),
        "requestTimestamp": "2026-11-20T09:30:00.123Z",
        "currency": "EUR",
        "grosAmount": 30.00,
        "purpose": "Liegenschaftskarte 4711",
        "description": "Auszug aus der Liegenschaftskarte",
        "redirectUrl": f"{PORTAL}/danke?antrag=4711",
        "items": [item()],
        "requestor": {
            "name": "Mustermann",
            "firstName": "Erika",
            "gender": "F",
            "isOrganization": False,
            "address": {"street": "Apfelstraße", "houseNumber": "60", "postalCode": "52525", "city": "Heinsberg"},
        },
    } | changes


async def configure_originators(pool: Pool, *entries: OriginatorEntry, slug: str = "heinsberg", **more: Any) -> None:
    """The town `slug` takes orders of these online services; of `buergerportal` where none is named."""
    entries = entries or (OriginatorEntry(id=ORIGINATOR, end_points=(END_POINT,)),)
    changes: dict[str, Any] = {"originators": entries, "return_origins": [PORTAL, "https://payment.example"]}
    await configure_accounts(pool, msgspec.structs.replace(accounts(slug), **changes | more))


async def configure_accounts(pool: Pool, entry: TenantAccounts) -> None:
    tenants = TenantsFile((profile(entry.tenant),))
    await configure(pool, tenants, AccountsFile((entry,)), ACCOUNTS_KEY, demo_mode=True)
