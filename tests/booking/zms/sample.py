"""A small export in the format of ZMS, written for the tests: three services, two locations, one test counter."""

from copy import deepcopy
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[3].parent / "shared/data"
MUNICH = (SHARED / "munich_services_de.json", SHARED / "munich_locations_de.json")

_SERVICES: Any = {
    "data": [
        {
            "id": "10",
            "name": "Angelschein",
            "description": "<p>Wer angeln will, braucht ihn.</p>",
            "meta": {"keywords": "Angeln, Fischerei, Fischen", "locale": "de"},
            "locations": [
                {"location": "1", "appointment": {"slots": "0", "external": False, "allowed": True}},
                {"location": "2", "appointment": {"slots": "0", "external": False, "allowed": True}},
            ],
            "leika": "99039001001000",
            "public": True,
            "maxQuantity": 4,
            "duration": 20,
            "combinable": [10, 11],
            "fees": "<p>\n35,50 Euro</p>",
        },
        {
            "id": "11",
            "name": "Hundesteuer anmelden",
            "meta": {"keywords": ""},
            "locations": [{"location": "1", "appointment": {"slots": "0", "external": False, "allowed": True}}],
            "leika": None,
            "public": True,
            "maxQuantity": 1,
            "duration": 10,
            "combinable": [11],
            "fees": "gebührenfrei",
            "requirements": [{"name": "Chipnummer des Hundes", "link": None}, {"name": "Ausweis"}],
            "topics": [{"id": "7", "name": "Tiere"}],
        },
        {
            "id": "12",
            "name": "Lager prüfen",
            "meta": {"keywords": ""},
            "locations": [{"location": "2", "appointment": {"slots": "0", "external": False, "allowed": True}}],
            "leika": None,
            "public": False,
            "maxQuantity": 1,
            "duration": 60,
            "combinable": [12],
        },
    ],
    "meta": {"generated": "2026-01-01T00:00:00", "datacount": 3},
}
_LOCATIONS: Any = {
    "data": [
        {
            "id": "1",
            "name": "Bürgeramt (BA 1)",
            "displayName": "Bürgeramt",
            "organizationUnit": "Ordnungsamt",
            "public": True,
            "address": {"street": "Seestraße", "house_number": "3", "postal_code": "12345", "city": "Muster"},
            "contact": {"email": "buergeramt@muster.example", "phone": "0123 1"},
            "services": [
                {"service": "10", "appointment": {"slots": "4", "external": False, "allowed": True}, "duration": 20},
                {"service": "11", "appointment": {"slots": "2", "external": False, "allowed": True}, "duration": 10},
            ],
            "slotTimeInMinutes": 5,
            "opening_times": {"monday": "08:00-12:00", "thursday": "8 bis 12 Uhr und 14 bis 18 Uhr", "special": "–"},
        },
        {
            "id": "2",
            "name": "Bürgeramt (BA 2)",
            "displayName": "Bürgeramt",
            "public": True,
            "address": {"street": "Waldweg", "house_number": "1a", "postal_code": "12346", "city": "Muster"},
            "services": [
                {"service": "10", "appointment": {"slots": "2", "allowed": True}, "duration": 30, "maxQuantity": 2},
                {"service": "12", "appointment": {"slots": "4", "allowed": True}, "duration": 60},
            ],
        },
    ],
}


def services() -> Any:
    return deepcopy(_SERVICES)


def locations() -> Any:
    return deepcopy(_LOCATIONS)
