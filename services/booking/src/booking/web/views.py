"""The shapes in which the API shows things. JSON in snake_case; instants with the place's offset."""

from datetime import date
from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue, Location, Service, ServiceKind
from booking.domain.fees import FeeKind, PaymentPolicy, fee_on
from contracts.money import Money
from contracts.tenant import TenantProfile


class TenantView(msgspec.Struct):
    slug: str
    name: str
    kind: str
    ars: str
    hosts: tuple[str, ...]


class TenantList(msgspec.Struct):
    items: list[TenantView]
    next_cursor: None = None


class ServiceView(msgspec.Struct):
    id: UUID
    name: str
    name_en: str
    kind: ServiceKind
    leika: str | None
    life_situations: tuple[str, ...]
    duration_min: int | None
    channels: tuple[str, ...]
    fee: Money | None
    """As of today; null unless fixed."""
    fee_kind: FeeKind
    payment_policy: PaymentPolicy
    max_quantity: int
    documents: tuple[str, ...]
    documents_en: tuple[str, ...]
    """Empty where nobody translated them."""
    online_url: str | None


class ServiceList(msgspec.Struct):
    items: list[ServiceView]
    next_cursor: str | None


class PlaceView(msgspec.Struct):
    id: UUID
    name: str
    street: str
    postcode: str
    city: str
    room: str | None


def show_tenant(profile: TenantProfile) -> TenantView:
    return TenantView(profile.slug, profile.name, profile.kind, profile.ars, profile.hosts)


def show_service(catalogue: Catalogue, service: Service, today: date) -> ServiceView:
    offering = next(iter(catalogue.offerings.get(service.id, ())), None)
    cents = fee_on(today, service.fees)
    return ServiceView(
        id=service.id,
        name=service.name,
        name_en=service.name_en,
        kind=service.kind,
        leika=service.leika,
        life_situations=service.life_situations,
        duration_min=offering.duration_min if offering else None,
        channels=service.channels,
        fee=None if cents is None else Money(cents),
        fee_kind=service.fee_kind,
        payment_policy=service.payment_policy,
        max_quantity=offering.max_quantity if offering else 1,
        documents=service.documents,
        documents_en=service.documents_en,
        online_url=service.online_url,
    )


def show_place(location: Location, room: str | None) -> PlaceView:
    return PlaceView(location.id, location.name, location.street, location.postcode, location.city, room)
