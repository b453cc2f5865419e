"""Applications for tests: to make one takes longer than most tests, so those that are alike are lent in turn."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from litestar import Litestar

from booking.app import build
from booking.settings import Settings
from kit.clock import Clock

_free: defaultdict[Settings, list[Litestar]] = defaultdict(list)


@contextmanager
def lent_app(settings: Settings, clock: Clock) -> Iterator[Litestar]:
    """Its lifespan has to be run, and with it begins all that it remembers."""
    alike = _free[msgspec.structs.replace(settings, database_url="", payment_url="", payment_api_keys_file=None)]
    app = alike.pop() if alike else build(settings, clock)
    app.state.settings, app.state.clock = settings, clock
    yield app
    alike.append(app)
