"""Schemathesis holds the running service to its own OpenAPI document: what it accepts, refuses and answers."""

import os

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method
from tests.booking.openapi.conftest import KEYS, House

from booking.app import build
from booking.settings import Settings
from kit.clock import system_clock
from kit.openapi import openapi_document

EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "4"))
"""Of each operation; `make soak` asks for many more."""
NOT_ASKED = [
    unsupported_method,  # Litestar answers 405 with the methods that there are
    positive_data_acceptance,  # no schema can say which quarter of an hour is free, or whose token fits
]

_app = build(Settings(database_url="", **KEYS), system_clock)
_schema = schemathesis.openapi.from_dict(msgspec.to_builtins(openapi_document(_app)))
OPERATIONS = {operation.ok().label: operation.ok() for operation in _schema.get_all_operations()}


@pytest.mark.parametrize("label", OPERATIONS)
def test_the_service_keeps_its_word(label: str, house: House) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True,
              phases=[Phase.explicit, Phase.generate], database=None)  # fmt: skip
    @given(case=OPERATIONS[label].as_strategy())
    def ask(case: Case) -> None:
        house.ask(case, excluded_checks=NOT_ASKED)

    ask()
