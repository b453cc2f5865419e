"""Applications for tests: to make one takes longer than most tests, so those that are alike are lent in turn."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import msgspec
from litestar import Litestar

from kit.clock import Clock

S = TypeVar("S", bound=msgspec.Struct)


class Lender(Generic[S]):
    """`own`: the settings in which borrowers of the same application may differ, with a value that says nothing."""

    def __init__(self, build: Callable[[S, Clock], Litestar], **own: Any) -> None:
        self._build = build
        self._own = own
        self._free: defaultdict[S, list[Litestar]] = defaultdict(list)

    @contextmanager
    def lend(self, settings: S, clock: Clock) -> Iterator[Litestar]:
        """Its lifespan has to be run, and with it begins all that it remembers."""
        alike = self._free[msgspec.structs.replace(settings, **self._own)]
        app = alike.pop() if alike else self._build(settings, clock)
        app.state.settings, app.state.clock = settings, clock
        yield app
        alike.append(app)
