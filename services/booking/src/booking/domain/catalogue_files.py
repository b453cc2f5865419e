"""The files that `configure` reads: services.csv and offices.toml. The tenants' file is `contracts.tenant`.

Rows of services.csv say once for all tenants what is offered, `level` by whom and `office` where; offices.toml says
which offices a tenant has, who works there and when.
"""

from collections.abc import Mapping
from datetime import date, time
from typing import Literal

import msgspec

from booking.domain.catalogue import Channel, ServiceKind
from booking.domain.fees import Fee, FeeKind, PaymentPolicy
from booking.domain.holidays import CustomName
from booking.domain.recurrence import Nth
from booking.domain.responsibility_entries import RuleEntry
from booking.domain.rule_set import Audience, SchoolHolidays

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEVELS: Mapping[str, frozenset[str]] = {
    "Kreis": frozenset({"Kreis"}),
    "Gemeinde": frozenset({"Stadt", "Gemeinde"}),
    "Stadt": frozenset({"Stadt"}),
}


class FileError(Exception):
    """A file does not say what it should; the message names the place."""


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of services.csv. Lists are separated by "; "."""

    name: str
    name_en: str
    kind: ServiceKind
    level: str
    office: str
    life_situation: str
    leika: str | None
    duration_min: int
    extra_item_min: int
    max_quantity: int
    fee_kind: FeeKind
    fee_cents: int | None
    fee_from: date | None
    former_fee_cents: int | None
    payment_policy: PaymentPolicy
    channels: tuple[Channel, ...]
    documents: tuple[str, ...]
    synonyms: tuple[str, ...]
    cancel_until_h: int = 0
    """Hours before the visit until which its citizen may cancel it alone; 0: until it begins. May be left out."""
    reschedule_until_h: int = 0
    reminder_ahead_h: int | None = None
    """Null: as the service booking is set; 0: no reminder."""

    def is_offered_by(self, kind: str) -> bool:
        return any(kind in _LEVELS[level] for level in self.level.split("/"))

    @property
    def fees(self) -> tuple[Fee, ...]:
        if self.fee_kind != "fixed" or self.fee_cents is None:
            return ()
        former = (Fee(self.former_fee_cents, None, self.fee_from),) if self.former_fee_cents is not None else ()
        return (*former, Fee(self.fee_cents, self.fee_from, None))


class ClerkEntry(msgspec.Struct, frozen=True):
    name: str
    email: str
    room: str | None = None
    function: str = ""
    subject: str | None = None
    """Whose staff token is this clerk's."""


class Building(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    name: str
    street: str
    postcode: str
    city: str
    hours: str


class Office(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    unit: str
    building: str
    clerks: tuple[ClerkEntry, ...]
    hours: str | None = None
    """Null: the building's."""
    buffer_min: int = 0
    step_min: int = 15
    notice_min: int = 120
    window_days: int = 60
    staggered_release: bool = False
    """The last day of the window opens hour by hour, not at midnight."""
    accounting: dict[str, str] = {}
    """The treasury's keys for what this office earns."""


class ExtraClosure(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    day: date
    reason: str
    building: str | None = None
    closed_from: time = time.min
    closed_to: time | None = None


class FileRule(RuleEntry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tenant: str


class SpecialHours(msgspec.Struct, frozen=True, kw_only=True):
    """Adds to the hours of that name what does not return every week, or not for everybody."""

    hours: str
    weekday: Weekday
    span: str
    """As "08:00-12:30"; "22:00-02:00" goes on after midnight."""
    every_weeks: int = 1
    anchor: date | None = None
    nth: Nth | None = None
    first_day: date | None = None
    last_day: date | None = None
    school_holidays: SchoolHolidays = "always"
    audience: Audience = "public"


class DayEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Other hours of a building on a certain day, instead of its usual ones."""

    tenant: str
    building: str
    day: date
    spans: tuple[str, ...]
    reason: str = ""


class Customs(msgspec.Struct, frozen=True, kw_only=True):
    """What a tenant keeps in place of the usual customs of its state; for each the time from which it is closed."""

    tenant: str
    closed_from: dict[CustomName, time]


class OfficesFile(msgspec.Struct, frozen=True, kw_only=True):
    hours: dict[str, dict[Weekday, tuple[str, ...]]]
    """By name: for each weekday its spans, as "08:00-12:30"."""
    special_hours: tuple[SpecialHours, ...] = ()
    exception: tuple[DayEntry, ...] = ()
    customs: tuple[Customs, ...] = ()
    building: tuple[Building, ...]
    office: tuple[Office, ...]
    closure: tuple[ExtraClosure, ...] = ()
    responsibility: tuple[FileRule, ...] = ()
    """A tenant with none here keeps the rules that it has."""


def parse_service_row(row: Mapping[str, str], place: str) -> ServiceRow:
    values: dict[str, object] = {key: value for key, value in row.items() if value != ""}
    for field in ("documents", "synonyms", "channels"):
        values[field] = [part.strip() for part in row.get(field, "").split(";") if part.strip()]
    values.setdefault("payment_policy", "none")
    values.setdefault("leika", None)
    try:
        values |= {"fee_cents": _cents(row["fee_eur"]), "former_fee_cents": _cents(row["former_fee_eur"])}
        values.setdefault("fee_from", None)
        service = msgspec.convert(values, ServiceRow, strict=False)
    except (KeyError, ValueError) as error:
        raise FileError(f"{place}: {error!r}") from None
    if not set(service.level.split("/")) <= set(_LEVELS):
        raise FileError(f"{place}: level “{service.level}” is none of {', '.join(_LEVELS)}")
    if service.fee_kind == "fixed" and service.fee_cents is None:
        raise FileError(f"{place}: a fixed fee needs fee_eur")
    return service


def _cents(euros: str) -> int | None:
    """4600 for "46.00", without going through a float."""
    if not euros:
        return None
    whole, _, cents = euros.partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0"))


def office_of(service: ServiceRow, offices: Mapping[str, Office]) -> Office | None:
    """The tenant's first office among those named: "Standesamt/Jugendamt" is the Jugendamt of a county."""
    return next((offices[name] for name in service.office.split("/") if name in offices), None)


def parse_span(text: str, place: str) -> tuple[time, time | None]:
    start, _, end = text.partition("-")
    try:
        return time.fromisoformat(start.strip()), None if end.strip() == "24:00" else time.fromisoformat(end.strip())
    except ValueError:
        raise FileError(f"{place}: “{text}” is no span such as 08:00-12:30") from None
