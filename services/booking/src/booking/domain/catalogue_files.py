"""The files that `configure` reads: services.csv and offices.toml. The tenants' file is `contracts.tenant`.

Rows of services.csv say once for all tenants what is offered, `level` by whom and `office` where; offices.toml says
which offices a tenant has, who works there and when. How to write them: docs/configuring-a-tenant.md.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Annotated, Literal, NamedTuple

import msgspec

from booking.domain.catalogue import Channel, OfficeCalendar, ServiceKind
from booking.domain.fees import Fee, FeeKind, PaymentPolicy
from booking.domain.file_faults import Fault, Path, read_as
from booking.domain.holidays import CustomName
from booking.domain.recurrence import Nth
from booking.domain.responsibility_entries import RuleEntry
from booking.domain.rule_set import Audience, SchoolHolidays
from contracts.tenant import TenantProfile

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEVELS: Mapping[str, frozenset[str]] = {
    "Kreis": frozenset({"Kreis"}),
    "Gemeinde": frozenset({"Stadt", "Gemeinde"}),
    "Stadt": frozenset({"Stadt"}),
}
REMARKS = frozenset({"fee_confidence", "fee_source", "remark"})
"""Columns of services.csv that are for people alone."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="a name of at most 200 characters")]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=480, multiple_of=5)]
Hours = Annotated[int, msgspec.Meta(ge=0, le=2000)]
Days = Annotated[int, msgspec.Meta(ge=1, le=400)]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=20)]
LeiKa = Annotated[str, msgspec.Meta(pattern="^99[0-9]{12}$", description="99 and twelve digits")]
Email = Annotated[str, msgspec.Meta(pattern="^[^@ ]+@[^@ ]+$", max_length=254, description="a mail address")]
Cents = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]


class FileError(Exception):
    """Files do not say what they should; each line of the message names a place and what to write there."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of services.csv. Lists are separated by "; "."""

    name: Name
    name_en: str
    kind: ServiceKind
    level: str
    office: str
    life_situation: str
    leika: LeiKa | None
    duration_min: Minutes
    extra_item_min: Minutes
    max_quantity: Quantity
    fee_kind: FeeKind
    fee_cents: Cents | None
    fee_from: date | None
    former_fee_cents: Cents | None
    payment_policy: PaymentPolicy
    channels: tuple[Channel, ...]
    documents: tuple[str, ...]
    synonyms: tuple[str, ...]
    resources: tuple[Name, ...] = ()
    """Groups of rooms or devices of which a visit needs one each, beside the clerk: "Trauzimmer"."""
    combines_with: tuple[str, ...] = ()
    """Names of services that may share a visit with it, if they allow it too; "-": none. Empty: all of its office."""
    documents_en: tuple[str, ...] = ()
    """As many as in German and in their order, or none."""
    position: Annotated[int, msgspec.Meta(ge=1, le=99)] | None = None
    """Its place in its life situation. Null: after those that have one, by name."""
    audience: Audience = "public"
    """Internal: booked by the staff alone."""
    cancel_until_h: Hours = 0
    """Hours before the visit until which its citizen may cancel it alone; 0: until it begins. May be left out."""
    reschedule_until_h: Hours = 0
    reminder_ahead_h: Hours | None = None
    """Null: as the service booking is set; 0: no reminder."""

    def is_offered_by(self, kind: str) -> bool:
        return any(kind in LEVELS.get(level, ()) for level in self.level.split("/"))

    @property
    def fees(self) -> tuple[Fee, ...]:
        if self.fee_kind != "fixed" or self.fee_cents is None:
            return ()
        former = (Fee(self.former_fee_cents, None, self.fee_from),) if self.former_fee_cents is not None else ()
        return (*former, Fee(self.fee_cents, self.fee_from, None))


class ClerkEntry(msgspec.Struct, frozen=True):
    name: Name
    email: Email
    room: str | None = None
    function: str = ""
    subject: str | None = None
    """Whose staff token is this clerk's."""
    calendar: OfficeCalendar = "invite"
    """How visits come into the calendar, unless the clerk chose otherwise."""


class Building(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    name: Name
    street: str
    postcode: str
    city: str
    hours: str


class Office(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    unit: Name
    building: str
    clerks: tuple[ClerkEntry, ...] = ()
    counters: tuple[Name, ...] = ()
    """Labels of counters that are nobody's own."""
    items_max: Annotated[int, msgspec.Meta(ge=1, le=200)] | None = None
    """How much one visit may hold here, each person counted. Null: no limit."""
    hours: str | None = None
    """Null: the building's."""
    buffer_min: Minutes = 0
    step_min: Annotated[int, msgspec.Meta(ge=5, le=480, multiple_of=5)] = 15
    notice_min: Annotated[int, msgspec.Meta(ge=0, le=60 * 24 * 60)] = 120
    window_days: Days = 60
    staggered_release: bool = False
    """The last day of the window opens hour by hour, not at midnight."""
    accounting: dict[str, str] = {}
    """The treasury's keys for what this office earns."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A room or device that visits need beside the clerk; any one of a group will do."""

    tenant: str
    building: str
    group: Name
    label: Name


class ExtraClosure(msgspec.Struct, frozen=True, kw_only=True):
    tenant: str
    day: date
    reason: Name
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
    every_weeks: Annotated[int, msgspec.Meta(ge=1, le=52)] = 1
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
    resource: tuple[Resource, ...] = ()
    closure: tuple[ExtraClosure, ...] = ()
    responsibility: tuple[FileRule, ...] = ()
    """A tenant with none here keeps the rules that it has."""


class Files(NamedTuple):
    tenants: Sequence[TenantProfile]
    services: Sequence[ServiceRow]
    offices: OfficesFile


SERVICE_COLUMNS: Mapping[str, bool] = {
    **{field.encode_name: field.required for field in msgspec.structs.fields(ServiceRow) if "cents" not in field.name},
    "fee_eur": True,
    "former_fee_eur": True,
}
"""Columns of services.csv, and whether a file must have them."""
_NUMBERS = {name for name in SERVICE_COLUMNS if name.endswith(("_min", "_quantity", "_h", "position"))}


def read_service_row(row: Mapping[str, str], faults: list[Fault], path: Path) -> ServiceRow | None:
    """A line of the CSV, whose cells are all text."""
    values: dict[str, object] = {
        key: value.strip() for key, value in row.items() if key not in REMARKS and value and value.strip()
    }
    for field in ("documents", "documents_en", "synonyms", "channels", "resources", "combines_with"):
        values[field] = [part.strip() for part in row.get(field, "").split(";") if part.strip()]
    values |= {field: _whole_number(str(values[field])) for field in _NUMBERS & values.keys()}
    for field in ("fee", "former_fee"):
        values[f"{field}_cents"] = _cents(str(values.pop(f"{field}_eur", "")), faults, (*path, f"{field}_cents"))
    empty: dict[str, object] = {"name_en": "", "life_situation": "", "payment_policy": "none"}
    return read_as(ServiceRow, empty | {"leika": None, "fee_from": None} | values, faults, path)


def _whole_number(text: str) -> int | str:
    """What is none stays as it was written, so that the message can show it."""
    return int(text) if re.fullmatch(r"\s*[0-9]{1,9}\s*", text) else text


def _cents(euros: str, faults: list[Fault], path: Path) -> int | None:
    """4600 for "46.00" and "46,00", without going through a float."""
    match = re.fullmatch(r"([0-9]{1,5})(?:[.,]([0-9]{1,2}))?", euros)
    if match is None:
        faults += [Fault(path, f"“{euros}” will not do: write an amount such as 46.00")] if euros else []
        return None
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def office_of(service: ServiceRow, offices: Mapping[str, Office]) -> Office | None:
    """The tenant's first office among those named: "Standesamt/Jugendamt" is the Jugendamt of a county."""
    return next((offices[name] for name in service.office.split("/") if name in offices), None)


class SpanOfDay(NamedTuple):
    opens: time
    closes: time | None
    """Null: the end of the day. Before `opens`: it goes on after midnight."""


def parse_span(text: str) -> SpanOfDay | None:
    """Null if it is none such as "08:00-12:30", in steps of five minutes."""
    match = re.fullmatch(r"\s*([0-9]{2}:[0-9]{2})\s*[-–]\s*([0-9]{2}:[0-9]{2})\s*", text)
    try:
        if match is None:
            return None
        opens = time.fromisoformat(match[1])
        closes = None if match[2] == "24:00" else time.fromisoformat(match[2])
    except ValueError:
        return None
    on_grid = opens.minute % 5 == 0 and (closes is None or closes.minute % 5 == 0)
    return SpanOfDay(opens, closes) if on_grid and opens != closes else None
