from collections.abc import Iterator

import pytest
from tests.support.sandbox import Receiver, Sandbox, running_sandbox


@pytest.fixture(scope="session")
def _servers() -> Iterator[tuple[Sandbox, Receiver]]:
    with running_sandbox() as servers:
        yield servers


@pytest.fixture
def sandbox(_servers: tuple[Sandbox, Receiver]) -> Iterator[Sandbox]:
    yield _servers[0]
    _servers[0].set_faults()


@pytest.fixture
def receiver(_servers: tuple[Sandbox, Receiver]) -> Receiver:
    return _servers[1]
