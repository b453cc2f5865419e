"""Days on which the Rhineland's offices are closed: public holidays of NRW (§ 2 Feiertagsgesetz NW) and custom.

Carnival is no public holiday, but town halls keep it: closed from 12:00 on Weiberfastnacht, all day on Rosenmontag.
"""

from datetime import date, time, timedelta
from typing import NamedTuple


class ClosedDay(NamedTuple):
    day: date
    reason: str
    closed_from: time = time.min


def easter(year: int) -> date:
    """Gregorian Easter Sunday (the anonymous algorithm of 1876, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def closed_days(year: int) -> list[ClosedDay]:
    sunday = easter(year)
    movable = {
        -52: ("Weiberfastnacht", time(12)),
        -48: ("Rosenmontag", time.min),
        -2: ("Karfreitag", time.min),
        1: ("Ostermontag", time.min),
        39: ("Christi Himmelfahrt", time.min),
        50: ("Pfingstmontag", time.min),
        60: ("Fronleichnam", time.min),
    }
    fixed = {
        (1, 1): "Neujahr",
        (5, 1): "Tag der Arbeit",
        (10, 3): "Tag der Deutschen Einheit",
        (11, 1): "Allerheiligen",
        (12, 24): "Heiligabend",
        (12, 25): "Erster Weihnachtstag",
        (12, 26): "Zweiter Weihnachtstag",
        (12, 31): "Silvester",
    }
    days = [ClosedDay(sunday + timedelta(days=offset), *entry) for offset, entry in movable.items()]
    return sorted(days + [ClosedDay(date(year, *day), reason) for day, reason in fixed.items()])
