from collections.abc import Iterator

import httpx
import pytest
from tests.support.sandbox import Sandbox, running_sandbox


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as (sandbox, _):
        yield sandbox


@pytest.fixture
def sandbox(_sandbox: Sandbox) -> Iterator[Sandbox]:
    yield _sandbox
    _sandbox.set_faults()


@pytest.fixture
def http(sandbox: Sandbox) -> httpx.Client:
    return sandbox.http
