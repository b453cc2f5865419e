"""Who the tenant of an export is. The export does not say; what an Impressum needs is never made up. Pure."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from booking.domain.zms.entries import Entry, read_entries
from booking.domain.zms.notes import Note
from contracts.tenant import Address, Colours, TenantProfile

_COLOURS = Colours(primary="#14387F", on_primary="#FFFFFF", accent="#7A5900")


class NewTenant(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever imports says of it."""

    slug: str
    name: str | None
    ars: str = ""


def profile_of(
    said: TenantProfile | NewTenant, known: TenantProfile | None, locations: object
) -> tuple[TenantProfile, list[Note]]:
    if isinstance(said, TenantProfile):
        return said, []
    if known is not None:
        return known if said.name is None else msgspec.structs.replace(known, name=said.name), []
    entries = list(read_entries("location", locations, []).values())
    profile = TenantProfile(
        slug=said.slug,
        name=said.name or said.slug,
        kind="Stadt",
        ars=said.ars,
        colours=_COLOURS,
        address=Address("", "", _most_frequent(entries, "address", "city")),
        email=_most_frequent(entries, "contact", "email"),
        phone=_most_frequent(entries, "contact", "phone"),
        represented_by="",
    )
    return profile, list(_missing(profile))


def _most_frequent(entries: Iterable[Entry], part: str, field: str) -> str:
    said = Counter(text for entry in entries if (text := entry.part(part).text(field)))
    return said.most_common(1)[0][0] if said else ""


def _missing(profile: TenantProfile) -> Iterable[Note]:
    def note(field: str, why: str, assumed: str) -> Note:
        return Note("export", profile.slug, profile.name, field, why, assumed)

    for field in ("email", "phone"):
        value = getattr(profile, field)
        yield note(
            f"tenant.{field}", "is no part of an export", value and f"{value}, the most frequent of the locations"
        )
    yield note("tenant.address", "is no part of an export", profile.address.city)
    yield note("tenant.represented_by", "is no part of an export", "")
    yield note("tenant.colours", "are no part of an export", "blue")
    if not profile.ars:
        yield note("tenant.ars", "is no part of an export", "the holidays of all Germany alone")
