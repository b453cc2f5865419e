"""The service mailbox, over the demo's server and, where it is installed, Debian's dovecot."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.notify.conftest import Notify
from tests.notify.inbound import dovecot
from tests.notify.inbound.dovecot import Dovecot, running_dovecot
from tests.notify.inbound.peers import DovecotPeer, Peer, demo_peer, reading_of
from tests.notify.letters import LETTER

from kit.ids import uuid7
from notify.usecases.read_mailbox import Reading

# The same suite runs against the demo's mailbox everywhere.
NEEDS_DOVECOT = pytest.mark.skipif(dovecot.PROGRAM is None, reason=dovecot.WHY_NOT)  # a Debian package: needs root


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


@pytest.fixture(params=["demo", pytest.param("dovecot", marks=NEEDS_DOVECOT)])
async def peer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Peer]:
    """An account that nobody used before."""
    if request.param == "demo":
        async with demo_peer(tmp_path) as found:
            yield found
    else:
        server: Dovecot = request.getfixturevalue("dovecot_server")
        yield DovecotPeer(server._replace(user=f"box-{uuid7().hex}"))


@pytest.fixture
async def reading(notify: Notify, peer: Peer) -> Reading:
    await notify.tell("appointment.confirmed", LETTER)
    return reading_of(notify.pool, notify.clock, peer.account)
