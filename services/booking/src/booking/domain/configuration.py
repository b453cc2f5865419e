"""A tenant's configuration as one value: made of files or of an import, read back from the database, compared. Pure.

A record is a row as the database has it. Ids are made of the tenant and a key that stays (a name, or the id in the
system that is imported), so a link to a service outlives a new installation.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID, uuid5

import msgspec

from booking.domain.catalogue import Channel, LaneKind, OfferingTerms, OfficeCalendar, ServiceKind
from booking.domain.errors import Invalid
from booking.domain.fees import Fee, FeeKind, PaymentPolicy
from booking.domain.responsibility_rules import ResponsibilityRule
from booking.domain.rule_set import Audience, OpeningRule, RuleSet, ScheduleException
from contracts.tenant import TenantProfile

_NAMESPACE = UUID("6f1d7a52-3f0e-5b52-9d0c-2a7f4f4c1b10")

VIDEO_ADVICE = "give the tenant a video_url_template, or take “video” out of channels"

R = TypeVar("R", OpeningRule, ScheduleException)


def id_for(tenant: str, kind: str, key: str) -> UUID:
    return uuid5(_NAMESPACE, f"{tenant}/{kind}/{key}")


class LaneKey(NamedTuple):
    """A clerk at a place, or a counter or resource that has a label there."""

    location_id: UUID
    clerk_id: UUID | None
    label: str = ""


class UnitRecord(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    parent_id: UUID | None = None


class LocationRecord(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    street: str
    postcode: str
    city: str
    time_zone: str


class ClerkRecord(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    unit_id: UUID
    display_name: str
    email: str
    public_function: str
    subject: str | None = None
    """Whose staff token is this clerk's."""
    calendar: OfficeCalendar = "invite"
    """How visits come into this clerk's calendar, unless the clerk chose otherwise."""


class LaneRecord(msgspec.Struct, frozen=True, kw_only=True):
    location_id: UUID
    clerk_id: UUID | None = None
    label: str = ""
    kind: LaneKind = "clerk"
    room: str | None = None
    resource_group: str | None = None
    items_max: int | None = None

    @property
    def key(self) -> LaneKey:
        return LaneKey(self.location_id, self.clerk_id, self.label)


class ServiceRecord(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    name_en: str
    kind: ServiceKind
    leika: str | None
    life_situations: tuple[str, ...]
    position: int | None = None
    """Its place in them, from 1. Null: after those that have one, by name."""
    synonyms: tuple[str, ...]
    documents: tuple[str, ...]
    documents_en: tuple[str, ...] = ()
    channels: tuple[Channel, ...]
    fee_kind: FeeKind
    payment_policy: PaymentPolicy
    accounting: dict[str, str]
    fees: tuple[Fee, ...]
    """Earliest first."""
    combines_with: frozenset[UUID] = frozenset()
    """Kombinierbarkeit. Itself alone: with none. Empty: with every other of its unit and location."""
    audience: Audience = "public"
    """Internal: neither found nor booked by citizens, wherever it is offered."""
    letter: str
    sort_key: str
    search_key: str


class OfferingRecord(OfferingTerms, frozen=True, kw_only=True):
    reminder_ahead_h: int | None = None
    audience: Audience = "public"
    """Internal: booked by the staff alone."""
    served_by: frozenset[LaneKey]
    """Befähigung: which lanes serve it."""
    resource_groups: frozenset[str] = frozenset()
    """A visit needs one resource of each, beside the clerk."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Each part by its key, so that two configurations can be laid side by side."""

    profile: TenantProfile | None
    """Null: there is no such tenant yet."""
    position: int
    units: Mapping[UUID, UnitRecord]
    locations: Mapping[UUID, LocationRecord]
    clerks: Mapping[UUID, ClerkRecord]
    lanes: Mapping[LaneKey, LaneRecord]
    services: Mapping[UUID, ServiceRecord]
    offerings: Mapping[UUID, OfferingRecord]
    responsibility: tuple[ResponsibilityRule, ...] | None
    """Best first. Null: nothing is said about it, so what the tenant has stands."""
    rules: RuleSet | None
    """Of lanes they know the place in `lanes`: ids are given when they are written (`numbered`). Null: those that the
    tenant has stand.
    """


def with_profile(configuration: Configuration, profile: TenantProfile, position: int) -> Configuration:
    """The same in all else."""
    return msgspec.structs.replace(configuration, profile=profile, position=position, responsibility=None, rules=None)


def require_video_room(configuration: Configuration) -> None:
    """Raises Invalid if a service is offered by video and there is nowhere to meet.

    What stands in one place has been checked there. Here the template may come from a file and the services from an
    import.
    """
    assert configuration.profile is not None
    offered = sorted(service.name for service in configuration.services.values() if "video" in service.channels)
    if offered and configuration.profile.video_url_template is None:
        message = f"{configuration.profile.slug} offers “{offered[0]}” by video and has no room for it: {VIDEO_ADVICE}"
        raise Invalid.field("video_url_template", message)


def numbered(rules: RuleSet, lane_ids: Sequence[int]) -> RuleSet:
    """The rules with the ids of the lanes, given in the order of the configuration's lanes."""
    return msgspec.structs.replace(
        rules,
        opening=tuple(_numbered(rule, lane_ids) for rule in rules.opening),
        exceptions=tuple(_numbered(rule, lane_ids) for rule in rules.exceptions),
    )


def _numbered(rule: R, lane_ids: Sequence[int]) -> R:
    return rule if rule.lane_id is None else msgspec.structs.replace(rule, lane_id=lane_ids[rule.lane_id])
