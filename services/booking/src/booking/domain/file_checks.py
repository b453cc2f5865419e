"""What each value of the files cannot say by itself: that they fit together. Pure.

A fault's path begins with the file: "tenants", "services" or "offices".
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise

from booking.domain.catalogue_files import LEVELS, Files, Office, OfficesFile, ServiceRow, office_of, parse_span
from booking.domain.configuration import VIDEO_ADVICE
from booking.domain.configuration_of_files import directory_of
from booking.domain.file_faults import Fault, Path
from booking.domain.responsibility_entries import find_problems
from contracts.tenant import TenantProfile


def check_files(files: Files) -> list[Fault]:
    return [
        *_twice("tenants", ("tenants",), [profile.slug for profile in files.tenants], "tenant"),
        *_check_hours(files.offices),
        *_check_buildings(files),
        *_check_offices(files),
        *_check_resources(files),
        *_check_days(files),
        *_check_services(files),
        *_check_responsibility(files),
    ]


def _twice(file: str, path: Path, keys: Sequence[object], what: str) -> Iterator[Fault]:
    seen: Counter[object] = Counter()
    for index, key in enumerate(keys):
        seen[key] += 1
        if seen[key] == 2:
            said = key[-1] if isinstance(key, tuple) else key
            yield Fault((file, *path, index), f"the {what} “{said}” stands here a second time: keep one of them")


def _one_of(path: Path, said: str, known: Iterable[str], what: str) -> Iterator[Fault]:
    names = list(known)
    if said not in names:
        near = get_close_matches(said, names, n=1)
        advice = f"did you mean “{near[0]}”?" if near else f"write one of {', '.join(names) or 'none yet'}"
        yield Fault(path, f"“{said}” is no {what}: {advice}")


def _check_hours(file: OfficesFile) -> Iterator[Fault]:
    for name, week in file.hours.items():
        for weekday, texts in week.items():
            yield from _check_spans(("offices", "hours", name, weekday), texts)
    for index, special in enumerate(file.special_hours):
        path: Path = ("offices", "special_hours", index)
        yield from _one_of((*path, "hours"), special.hours, file.hours, "set of [hours]")
        if parse_span(special.span) is None:
            yield Fault((*path, "span"), _no_span(special.span))
        if (special.every_weeks > 1) != (special.anchor is not None):
            yield Fault((*path, "every_weeks"), "write it together with anchor, a day of such a week")


def _check_spans(path: Path, texts: Sequence[str]) -> Iterator[Fault]:
    spans = [parse_span(text) for text in texts]
    for index, (text, span) in enumerate(zip(texts, spans, strict=True)):
        if span is None:
            yield Fault((*path, index), _no_span(text))
    sound = sorted((span for span in spans if span is not None), key=lambda span: span.opens)
    if any(one.closes is None or not one.opens < one.closes <= other.opens for one, other in pairwise(sound)):
        yield Fault(path, "these spans overlap: join them, or let one end before the next begins")


def _no_span(text: str) -> str:
    return f"“{text}” is no span of time: write one such as 08:00-12:30"


def _check_buildings(files: Files) -> Iterator[Fault]:
    slugs = [profile.slug for profile in files.tenants]
    buildings = files.offices.building
    for index, building in enumerate(buildings):
        path: Path = ("offices", "building", index)
        yield from _one_of((*path, "tenant"), building.tenant, slugs, "tenant")
        yield from _one_of((*path, "hours"), building.hours, files.offices.hours, "set of [hours]")
    yield from _twice("offices", ("building",), [(b.tenant, b.name) for b in buildings], "building")


def _check_offices(files: Files) -> Iterator[Fault]:
    slugs = [profile.slug for profile in files.tenants]
    offices = files.offices.office
    for index, office in enumerate(offices):
        path: Path = ("offices", "office", index)
        yield from _one_of((*path, "tenant"), office.tenant, slugs, "tenant")
        yield from _one_of((*path, "building"), office.building, _buildings(files, office.tenant), "[[building]]")
        if not office.clerks and not office.counters:
            yield Fault(path, "nobody serves here: add clerks or counters")
        if office.hours is not None:
            yield from _one_of((*path, "hours"), office.hours, files.offices.hours, "set of [hours]")
    yield from _twice("offices", ("office",), [(office.tenant, office.unit) for office in offices], "office")
    yield from _check_clerks(offices)


def _buildings(files: Files, tenant: str) -> list[str]:
    return [building.name for building in files.offices.building if building.tenant == tenant]


def _check_clerks(offices: Sequence[Office]) -> Iterator[Fault]:
    """A name is one person's in a tenant, whichever office it is."""
    seen: set[tuple[str, str]] = set()
    for index, office in enumerate(offices):
        for position, clerk in enumerate(office.clerks):
            if (office.tenant, clerk.name) in seen:
                message = f"the clerk “{clerk.name}” stands here a second time: keep one"
                yield Fault(("offices", "office", index, "clerks", position), message)
            seen.add((office.tenant, clerk.name))


def _check_resources(files: Files) -> Iterator[Fault]:
    """Labels are what people call a counter or a room, so a building has each once."""
    for index, resource in enumerate(files.offices.resource):
        path: Path = ("offices", "resource", index, "building")
        yield from _one_of(path, resource.building, _buildings(files, resource.tenant), "[[building]]")
    labels = [(r.tenant, r.building, r.label) for r in files.offices.resource]
    yield from _twice("offices", ("resource",), labels, "label")
    taken = set(labels)
    for index, office in enumerate(files.offices.office):
        for position, label in enumerate(office.counters):
            if (office.tenant, office.building, label) in taken:
                path = ("offices", "office", index, "counters", position)
                yield Fault(path, f"“{label}” stands twice in this building: give the counter another label")
            taken.add((office.tenant, office.building, label))


def _check_days(files: Files) -> Iterator[Fault]:
    """Closures, exceptions and customs."""
    slugs = [profile.slug for profile in files.tenants]
    for index, closure in enumerate(files.offices.closure):
        path: Path = ("offices", "closure", index)
        yield from _one_of((*path, "tenant"), closure.tenant, slugs, "tenant")
        if closure.building is not None:
            yield from _one_of((*path, "building"), closure.building, _buildings(files, closure.tenant), "[[building]]")
        if closure.closed_to is not None and closure.closed_to <= closure.closed_from:
            yield Fault((*path, "closed_to"), "ends before it begins: write a later time, or leave it out")
    for index, entry in enumerate(files.offices.exception):
        path = ("offices", "exception", index)
        yield from _one_of((*path, "tenant"), entry.tenant, slugs, "tenant")
        yield from _one_of((*path, "building"), entry.building, _buildings(files, entry.tenant), "[[building]]")
        yield from _check_spans((*path, "spans"), entry.spans)
    for index, customs in enumerate(files.offices.customs):
        yield from _one_of(("offices", "customs", index, "tenant"), customs.tenant, slugs, "tenant")


def _check_services(files: Files) -> Iterator[Fault]:
    names = [row.name for row in files.services]
    for index, row in enumerate(files.services):
        yield from _check_row(row, ("services", index))
        yield from _check_documents(row, ("services", index))
        for other in row.combines_with:
            yield from _one_of(("services", index, "combines_with"), other, ["-", *names], "service here")
    for profile in files.tenants:
        yield from _check_offers(files, profile)


def _check_documents(row: ServiceRow, path: Path) -> Iterator[Fault]:
    if row.documents_en and len(row.documents_en) != len(row.documents):
        message = f"write as many as in documents ({len(row.documents)}), in their order, or none"
        yield Fault((*path, "documents_en"), message)


def _check_offers(files: Files, profile: TenantProfile) -> Iterator[Fault]:
    """What one tenant offers: each name once, each by an office that it has, with the rooms that it needs."""
    offices = {office.unit: office for office in files.offices.office if office.tenant == profile.slug}
    groups = {(r.building, r.group) for r in files.offices.resource if r.tenant == profile.slug}
    names: set[str] = set()
    for index, row in enumerate(files.services):
        if not row.is_offered_by(profile.kind):
            continue
        path: Path = ("services", index)
        if row.name in names:
            yield Fault((*path, "name"), f"{profile.slug} offers “{row.name}” twice: change one row's name or level")
        names.add(row.name)
        if "video" in row.channels and profile.video_url_template is None:
            yield Fault((*path, "channels"), f"{profile.slug} has no room for video: {VIDEO_ADVICE}")
        office = office_of(row, offices)
        if office is None:
            yield Fault((*path, "office"), f"{profile.slug} has no office “{row.office}”: add an [[office]] there")
            continue
        for group in row.resources:
            if (office.building, group) not in groups:
                message = f"{profile.slug}, {office.building}, has no “{group}”: add a [[resource]] of this group"
                yield Fault((*path, "resources"), message)


def _check_row(row: ServiceRow, path: Path) -> Iterator[Fault]:
    if not set(row.level.split("/")) <= set(LEVELS):
        yield Fault((*path, "level"), f"“{row.level}” will not do: write one of {', '.join(LEVELS)}, several with “/”")
    if row.fee_kind == "fixed" and row.fee_cents is None:
        yield Fault((*path, "fee_cents"), "a fixed fee needs an amount: write one, or fee_kind none or on_request")
    if row.former_fee_cents is not None and row.fee_from is None:
        yield Fault((*path, "fee_from"), "a former fee ends some day: write from when the new one holds")
    if not row.channels:
        yield Fault((*path, "channels"), "is empty: write on_site, phone or video, several with “; ”")


def _check_responsibility(files: Files) -> Iterator[Fault]:
    slugs = [profile.slug for profile in files.tenants]
    for index, rule in enumerate(files.offices.responsibility):
        yield from _one_of(("offices", "responsibility", index, "tenant"), rule.tenant, slugs, "tenant")
    for profile in files.tenants:
        rules = [(n, rule) for n, rule in enumerate(files.offices.responsibility) if rule.tenant == profile.slug]
        found = find_problems([rule for _, rule in rules], directory_of(files, profile))
        for (index, _), problems in zip(rules, found, strict=True):
            yield from (Fault(("offices", "responsibility", index, field), message) for field, message in problems)
