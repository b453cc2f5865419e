"""Why somebody is responsible, in words."""

from collections.abc import Iterator, Sequence

from booking.domain.citizen_facts import CitizenFacts
from booking.domain.folding import fold
from booking.domain.responsibility_rules import Known, ResponsibilityRule, StreetSection, SurnameRange
from booking.domain.responsible_lanes import Responsible
from kit.web.language import Language

CONDITIONS_SHOWN = 3
"""Of one kind: a district may have hundreds of streets."""


def why(t: Language, found: Responsible, facts: CitizenFacts, known: Known, services: Sequence[str]) -> str:
    """To whoever has told the facts."""
    names = ", ".join(t("why.service", name=name) for name in services)
    if found.asks:
        return t("why.needed", services=names, facts=", ".join(t(f"why.fact.{fact}") for fact in found.asks))
    sentences = [_because(t, found, facts, known) or t("why.services", who=found.clerk or found.unit, services=names)]
    if found.rule is None and known != Known():
        sentences.append(t("why.no_rule"))
    if found.deputy:
        sentences.append(t("why.deputy", name=found.deputy))
    return " ".join(sentences)


def _because(t: Language, found: Responsible, facts: CitizenFacts, known: Known) -> str | None:
    clauses = list(_clauses(t, found.rule, facts, known)) if found.rule else []
    if found.rule is None or not clauses:
        return None
    who, place = (found.clerk, f", {found.unit}") if found.clerk else (found.unit, "")
    return t("why.because", who=who, because=f" {t('why.and')} ".join(clauses), rule=found.rule.name, place=place)


def _clauses(t: Language, rule: ResponsibilityRule, facts: CitizenFacts, known: Known) -> Iterator[str]:
    """The rule's conditions that are known to hold, as clauses."""
    if rule.municipalities and known.municipality:
        names = [one.name for one in rule.municipalities if known.municipality in one.keys]
        yield t("why.municipality", name=names[0])
    if rule.postcodes and known.postcode:
        yield t("why.postcode", postcode=known.postcode)
    if rule.streets and known.street:
        yield t("why.street", section=section_words(t, _section_of(rule, known)))
    if rule.surnames and known.surname:
        yield _surname_clause(t, rule, known.surname, facts.surname or "")


def _section_of(rule: ResponsibilityRule, known: Known) -> StreetSection:
    number = known.house_number
    here = [section for section in rule.streets if section.key == known.street]
    return next(section for section in here if section.is_whole or (number and section.holds(number)))


def _surname_clause(t: Language, rule: ResponsibilityRule, surname: str, written: str) -> str:
    """One thing is said of "Hansen", another of "von der Heide", who does not begin with H but is sorted there."""
    found = next(one for one in rule.surnames if one.holds(surname))
    length = max(len(fold(found.first or "")), len(fold(found.last or "")), 1)
    letters = surname[:length].capitalize()
    begins = written.strip().lower().startswith(letters.lower())
    return t("why.surname" if begins else "why.surname_sorted", letters=letters)


def rule_words(t: Language, rule: ResponsibilityRule) -> list[str]:
    """For whom a rule is, without saying anything of a person."""
    kinds = {
        "municipality": [one.name for one in rule.municipalities],
        "postcode": list(rule.postcodes),
        "street": [section_words(t, section) for section in rule.streets],
        "surname": [range_words(one) for one in rule.surnames],
    }
    return [f"{t(f'why.fact.{kind}')}: {_some(t, values)}" for kind, values in kinds.items() if values]


def _some(t: Language, values: Sequence[str]) -> str:
    more = len(values) - CONDITIONS_SHOWN
    return ", ".join(values[:CONDITIONS_SHOWN]) + (f" {t('why.more', count=more)}" if more > 0 else "")


def range_words(surnames: SurnameRange) -> str:
    first, last = surnames.first or "A", surnames.last or "Z"
    return first if first == last else f"{first}–{last}"


def section_words(t: Language, section: StreetSection) -> str:
    """As "Aachener Straße 1–99, ungerade Hausnummern"."""
    numbers = ""
    if section.first and section.last:
        numbers = f" {section.first}–{section.last}"
    elif section.first or section.last:
        numbers = " " + t("why.from" if section.first else "why.to", number=section.first or section.last)
    return section.street + numbers + ("" if section.side == "all" else f", {t(f'why.side.{section.side}')}")
