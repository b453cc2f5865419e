"""Schemathesis holds the running service to its own OpenAPI document."""

import pytest
from tests.booking.openapi.conftest import KEYS, House
from tests.support.openapi import NOT_ASKED, hold_to_its_word, operations_of

from booking.app import build
from booking.settings import Settings
from kit.clock import system_clock

OPERATIONS = operations_of(build(Settings(database_url="", **KEYS), system_clock))


@pytest.mark.parametrize("label", OPERATIONS)
def test_the_service_keeps_its_word(label: str, house: House) -> None:
    hold_to_its_word(OPERATIONS[label], lambda case: house.ask(case, excluded_checks=NOT_ASKED))
