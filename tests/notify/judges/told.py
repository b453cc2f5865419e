"""One life as the judges read it: `docs/calendar-judges.md` is drawn from what they say."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from tests.notify.judges.caldav import Calendar, Held
from tests.notify.judges.judges import IcalJs, verdicts
from tests.notify.judges.stories import BERLIN, CITIZEN, STARTS, Sent, Step, told

STEPS = [
    Step("move", STARTS[5], 0, is_heard=True),
    Step("reassign", STARTS[5], 1, is_heard=True),
    Step("change", STARTS[5], 1, is_heard=True),
    Step("office_cancels", STARTS[5], 1, is_heard=True),
    Step("rebook", STARTS[17], 2, is_heard=True),
    Step("cancel", STARTS[17], 2, is_heard=True),
]
"""Booked for the day before the clocks change, moved to that day, and later to the day in autumn."""
HEAD = """# What other programs make of our calendar entries
One life, told by notify's own decisions: booked, moved to 03:00 on the day on which the clocks change, given to another
clerk, changed, called off by the office, rebooked to 03:00 on the day in autumn, cancelled. Each message goes to three
judges who are not ours: **libical** (do the rules of iTIP hold?), **ical.js**, Thunderbird's parser (what does it
read?) and **Radicale**, a CalDAV server (what stands in that person's calendar afterwards?). Entries, each with a UID
of its own, are named A, B, … as they appear.

Drawn by `tests/notify/judges/test_told.py`. The same judges read lives that Hypothesis invents
(`test_stories.py`; three hundred of them in `make soak`).

| to | METHOD | entry | SEQUENCE | libical | ical.js reads | Radicale holds afterwards |
|---|---|---|---|---|---|---|
"""


class Judges(NamedTuple):
    libical: Path
    ical_js: IcalJs
    radicale: httpx.Client


def draw(judges: Judges) -> str:
    sent = told(STEPS, STARTS[2], 0).sent
    return HEAD + "".join(_rows(judges, sent)) + _wrong_ones(judges, sent)


def _rows(judges: Judges, sent: Sequence[Sent]) -> Iterator[str]:
    calendars = [each.calendar for each in sent]
    names: dict[str, str] = {}
    stored: dict[str, Calendar] = {}
    readings = judges.ical_js.read(calendars)
    for each, verdict, (event,) in zip(sent, verdicts(judges.libical, calendars), readings, strict=True):
        name = names.setdefault(event["uid"], chr(ord("A") + len(names)))
        if each.recipient not in stored:
            stored[each.recipient] = Calendar(judges.radicale, f"told-{len(stored)}")
        stored[each.recipient].follow(each.calendar)
        cells = [
            "citizen" if each.recipient == CITIZEN else each.recipient.partition("@")[0],
            event["method"],
            name,
            str(event["sequence"]),
            verdict,
            _reading(event),
            _holding(stored[each.recipient].held(), names),
        ]
        yield f"| {' | '.join(cells)} |\n"


def _reading(event: dict[str, Any]) -> str:
    return f"{event['status'].lower()}, {_moment(datetime.fromtimestamp(event['start'], UTC))}"


def _holding(held: Held, names: dict[str, str]) -> str:
    entries = sorted(f"{names[uid]}, SEQUENCE {sequence}, {_moment(start)}" for uid, sequence, start in held)
    return "; ".join(entries) or "nothing"


def _moment(instant: datetime) -> str:
    return f"{instant.astimezone(BERLIN):%Y-%m-%d %H:%M %z}"


def _wrong_ones(judges: Judges, sent: Sequence[Sent]) -> str:
    """The judge judges: the first invitation, a line short."""
    text = "\nlibical does object. The first invitation without one of its lines:\n\n| without | libical |\n|---|---|\n"
    request = next(each.calendar for each in sent if b"METHOD:REQUEST" in each.calendar).replace(b"\r\n ", b"")
    for name in ("UID", "DTSTAMP", "ORGANIZER", "ATTENDEE"):
        lines = [line for line in request.split(b"\r\n") if not line.startswith(name.encode())]
        (verdict,) = verdicts(judges.libical, [b"\r\n".join(lines)])
        text += f"| {name} | {_fault(verdict)} |\n"
    return text


def _fault(verdict: str) -> str:
    """What libical holds against a calendar, it writes into the calendar."""
    unfolded = verdict.replace("|| ", "").split("|")
    return "; ".join(line.partition(":")[2].strip() for line in unfolded if line.startswith("X-LIC-ERROR")) or verdict
