"""Services of an export. Pure."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from booking.domain.catalogue import Channel
from booking.domain.configuration import ServiceRecord, id_for
from booking.domain.fees import Fee, PaymentPolicy
from booking.domain.folding import fold, letter_of, search_key
from booking.domain.zms.entries import NAME_MAX, Entry, as_id, plain_text
from booking.domain.zms.fee_text import FeeReading, read_fee

WORDS_MAX = 60
_LEIKA = re.compile(r"\b99[0-9]{12}\b")
_CHANNELS: tuple[Channel, ...] = ("on_site",)


class Naming(NamedTuple):
    tenant: str
    names: dict[str, str]
    """By id: unique, and no longer than a name may be."""

    def service_id(self, id_: str) -> UUID:
        return id_for(self.tenant, "service", f"zms/{id_}")


def name_services(tenant: str, entries: Mapping[str, Entry]) -> Naming:
    """Leaves out those without a name; gives names that stand twice their id."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for id_, entry in entries.items():
        name = entry.text("name")
        entry.name = name[:NAME_MAX]
        if not name:
            entry.note("name", "is missing, so nobody could find it", "left out")
            continue
        unique = name[:NAME_MAX]
        if unique in taken:
            unique = f"{name[: NAME_MAX - len(id_) - 3]} ({id_})"
            entry.note("name", "stands twice", "its id is added")
        taken.add(unique)
        names[id_] = unique
    return Naming(tenant, names)


def service_of(
    entry: Entry, naming: Naming, combines_with: frozenset[UUID], payment_policy: PaymentPolicy
) -> ServiceRecord:
    """`payment_policy` of a fee that is due: the export has none."""
    name = naming.names[entry.id]
    fee = _fee(entry)
    synonyms, situations = _synonyms(entry, name), _names_in(entry, "topics")
    return ServiceRecord(
        id=naming.service_id(entry.id),
        name=name,
        name_en="",
        kind="visit",
        leika=_leika(entry),
        life_situations=situations,
        synonyms=synonyms,
        documents=_names_in(entry, "requirements"),
        channels=_CHANNELS,
        fee_kind=fee.kind,
        payment_policy="none" if fee.kind == "none" else "counter" if fee.kind == "on_request" else payment_policy,
        accounting={},
        fees=(Fee(fee.amount_cents, None, None),) if fee.amount_cents is not None else (),
        combines_with=combines_with,
        letter=letter_of(name),
        sort_key=fold(name),
        search_key=search_key(name, *synonyms, *situations),
    )


def _fee(entry: Entry) -> FeeReading:
    fee = read_fee(entry.text("fees"))
    if fee.why:
        entry.note("fees", fee.why, "fee on request")
    return fee


def _leika(entry: Entry) -> str | None:
    """One key, or the first of several."""
    text = entry.text("leika")
    found = _LEIKA.findall(text)
    if text and not found:
        entry.note("leika", "is no key of 99 and twelve digits", "no key")
    elif len(found) > 1:
        entry.note("leika", "holds several keys", "the first one")
    return found[0] if found else None


def _synonyms(entry: Entry, name: str) -> tuple[str, ...]:
    """`meta.keywords`, words apart by commas; some cities write a list."""
    meta = entry.part("meta")
    value = meta.get("keywords")
    words = value if isinstance(value, list) else re.split(r"[,;]", meta.text("keywords"))
    plain = [plain_text(word)[:NAME_MAX] for word in words if isinstance(word, str)]
    unique = tuple(dict.fromkeys(word for word in plain if word and word != name))
    if len(unique) > WORDS_MAX:
        entry.note("meta.keywords", f"are more than {WORDS_MAX}", f"the first {WORDS_MAX}")
    return unique[:WORDS_MAX]


def _names_in(entry: Entry, field: str) -> tuple[str, ...]:
    """Of documents or topics: texts, or tables with a name."""
    names: list[str] = []
    for value in entry.values(field):
        name = value.get("name") if isinstance(value, Mapping) else value
        if isinstance(name, str) and plain_text(name):
            names.append(plain_text(name)[:NAME_MAX])
        elif as_id(value) is None:
            entry.note(field, "holds something without a name", "left out")
    return tuple(dict.fromkeys(names))[:WORDS_MAX]
