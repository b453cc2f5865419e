"""Schemathesis holds the running service to its own OpenAPI document."""

import pytest
from tests.notify.openapi.conftest import KEYS, House
from tests.support.openapi import NOT_ASKED, hold_to_its_word, operations_of

from kit.clock import system_clock
from notify.app import build
from notify.settings import Settings

OPERATIONS = operations_of(build(Settings(database_url="", **KEYS), system_clock))


@pytest.mark.parametrize("label", OPERATIONS)
def test_the_service_keeps_its_word(label: str, house: House) -> None:
    hold_to_its_word(OPERATIONS[label], lambda case: house.ask(case, excluded_checks=NOT_ASKED))
