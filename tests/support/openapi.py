"""Schemathesis over a service's own OpenAPI document: what it accepts, refuses and answers."""

import os
from collections.abc import Callable
from typing import Any

import msgspec
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from litestar import Litestar
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from kit.openapi import openapi_document

EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "4"))
"""Of each operation; `make soak` asks for many more."""
NOT_ASKED = [
    unsupported_method,  # Litestar answers 405 with the methods that there are
    positive_data_acceptance,  # no schema can say which quarter of an hour is free, or whose token fits
]


def operations_of(app: Litestar) -> dict[str, Any]:
    schema = schemathesis.openapi.from_dict(msgspec.to_builtins(openapi_document(app)))
    return {operation.ok().label: operation.ok() for operation in schema.get_all_operations()}


def hold_to_its_word(operation: Any, ask: Callable[[Case], None]) -> None:
    """The same cases each time, unless `make soak` wants more."""

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True,
              phases=[Phase.explicit, Phase.generate], database=None)  # fmt: skip
    @given(case=operation.as_strategy())
    def each(case: Case) -> None:
        ask(case)

    each()
