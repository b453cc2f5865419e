"""House numbers as people write them ("12", "12 a", "12-14"), ordered as they stand along a street. Pure."""

import re
from typing import NamedTuple

_WRITTEN = re.compile(r"\s*(\d{1,4})(?!\d)\s*([a-zA-Z]?)(?![a-zA-Z])")


class HouseNumber(NamedTuple):
    """Sorts 12, 12a, 12b, 13."""

    number: int
    suffix: str = ""

    @property
    def is_odd(self) -> bool:
        return self.number % 2 == 1


LOWEST = HouseNumber(1)
BEYOND = HouseNumber(10_000)


def parse_house_number(text: str) -> HouseNumber | None:
    """The first of several: who lives at 12-14 lives at 12. Null where the text begins with no house number."""
    found = _WRITTEN.match(text)
    if found is None or not found[0].isascii() or not int(found[1]):
        return None
    return HouseNumber(int(found[1]), found[2].lower())


def after(last: HouseNumber) -> HouseNumber:
    """The first number behind a range that ends with `last`: "to 18" means 18a as well, "to 18a" means no 18b."""
    if not last.suffix:
        return HouseNumber(last.number + 1)
    return HouseNumber(last.number, chr(ord(last.suffix) + 1))
