"""Responsibility rules in short."""

from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

from booking.domain.citizen_facts import CitizenFacts, read_facts
from booking.domain.responsibility import Decision, decide
from booking.domain.responsibility_rules import ResponsibilityRule


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


def rule(target: str, *, priority: int = 0, name: str = "", **conditions: Any) -> ResponsibilityRule:
    """`target`: a clerk. Conditions as in a file, but surnames as ("A", "K") pairs."""
    surnames = [{"from": first, "to": last} for first, last in conditions.pop("surnames", [])]
    values = {
        "id": id_of(f"{target}{name}{priority}{conditions}{surnames}"),
        "name": name or target,
        "priority": priority,
        "clerk_id": id_of(target),
        "surnames": surnames,
    }
    return msgspec.convert(values | conditions, ResponsibilityRule)


def ask(rules: list[ResponsibilityRule], **facts: str) -> Decision:
    ordered = sorted(rules, key=lambda one: -one.priority)
    return decide(ordered, read_facts(CitizenFacts(**facts)))


def answer(rules: list[ResponsibilityRule], **facts: str) -> str | tuple[str, ...]:
    """The name of the rule that decides, "unit" where none does, or what is asked."""
    decision = ask(rules, **facts)
    return decision.asks or (decision.rule.name if decision.rule else "unit")
