"""A small town to book in: three clerks at the counter, one registrar, everything open from 08:00 to 12:00."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from booking.domain.catalogue_files import Building, ClerkEntry, Files, Office, OfficesFile, ServiceRow
from booking.domain.configuration import id_for
from booking.domain.fairness import NO_CAPS
from contracts.tenant import Address, Colours, Fairness, TenantProfile

TENANT = "musterstadt"
PERSO = "Personalausweis beantragen"
PASS = "Reisepass beantragen"
MARRIAGE = "Anmeldung Eheschließung"
MAP = "Flurkarte online"
OPENING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
"""08:00 in Germany, when the town opens on a Tuesday."""
SUBJECTS = {0: "anna.claessen", 1: "bernd.lennartz"}
"""Whose tokens are the first two clerks'."""


def profile(slug: str = TENANT, fairness: Fairness = NO_CAPS) -> TenantProfile:
    return TenantProfile(
        slug=slug,
        name="Stadt Muster",
        kind="Stadt",
        ars="053709999999",
        colours=Colours("#14387F", "#FFFFFF", "#7A5900"),
        address=Address("Markt 1", "52499", "Muster"),
        email=f"service@{slug}.example",
        phone="+49 221 4710 100",
        represented_by="die Bürgermeisterin",
        fairness=fairness,
    )


def service(name: str, **values: Any) -> ServiceRow:
    defaults: dict[str, Any] = {
        "name_en": "",
        "kind": "visit",
        "level": "Gemeinde",
        "office": "Bürgerbüro",
        "life_situation": "Ausweis und Reisen",
        "leika": None,
        "duration_min": 15,
        "extra_item_min": 10,
        "max_quantity": 3,
        "fee_kind": "none",
        "fee_cents": None,
        "fee_from": None,
        "former_fee_cents": None,
        "payment_policy": "none",
        "channels": ("on_site",),
        "documents": (),
        "synonyms": (),
    }
    return msgspec.convert(defaults | values | {"name": name}, ServiceRow)


def files(clerks: int = 3, slug: str = TENANT, **office: Any) -> Files:
    services = [
        service(PERSO, fee_kind="fixed", fee_cents=4600, payment_policy="online_optional", synonyms=("Perso",)),
        service(PASS, fee_kind="fixed", fee_cents=7000, payment_policy="online_optional", leika="99085001000000"),
        service(MARRIAGE, office="Standesamt", duration_min=30, max_quantity=1, fee_kind="on_request",
                payment_policy="counter"),
        service(MAP, kind="online", duration_min=0, fee_kind="fixed", fee_cents=1500, payment_policy="online_required"),
        service("Express (Zuschlag)", kind="surcharge", duration_min=0, fee_kind="fixed", fee_cents=3200),
    ]  # fmt: skip
    hours: Any = {"vormittags": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-12:00",))}
    people = tuple(
        ClerkEntry(f"Clerk {n}", f"clerk{n}@{slug}.example", f"Schalter {n}", subject=SUBJECTS.get(n))
        for n in range(clerks)
    )
    building = Building(
        tenant=slug, name="Rathaus", street="Markt 1", postcode="52499", city="Muster", hours="vormittags"
    )
    offices = (
        Office(**{"tenant": slug, "unit": "Bürgerbüro", "building": "Rathaus", "clerks": people} | office),
        Office(
            tenant=slug,
            unit="Standesamt",
            building="Rathaus",
            clerks=(ClerkEntry("Registrar", "r@x.example", function="Trauungen"),),
        ),
    )
    return Files([profile(slug)], services, OfficesFile(hours=hours, building=(building,), office=offices))


def service_id(name: str, slug: str = TENANT) -> UUID:
    return id_for(slug, "service", name)
