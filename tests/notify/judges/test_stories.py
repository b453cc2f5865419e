"""Every message of any life is one that other programs take: libical by the rules of iTIP, ical.js by its reading,
and Radicale, a CalDAV server, ends with what stands.

Installed where `make test` runs: cc and libical-dev (Debian), ical.js (npm). Without them these tests say so.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.notify.agendas import an_agenda, many_visits
from tests.notify.judges.caldav import Calendar, open_radicale
from tests.notify.judges.judges import (
    IcalJs,
    compile_libical,
    ical_js,
    objections,
    why_no_ical_js,
    why_no_libical,
)
from tests.notify.judges.stories import STARTS, STORIES, Step, Story, told
from tests.notify.letters import TENANT

from notify.calendar.feed import write_feed
from notify.language import language_of

MINUTE = timedelta(minutes=1)
EXAMPLES = int(os.environ.get("SOAK_EXAMPLES", "12"))
FEED = write_feed(an_agenda(*many_visits(60, STARTS[0])), TENANT, language_of("de"), ())
"""Also over the night in which the clocks change."""
any_story = given(st.tuples(STORIES, st.sampled_from(STARTS), st.integers(0, 2)).map(lambda drawn: told(*drawn)))
some = settings(max_examples=EXAMPLES, deadline=None)


@pytest.fixture(scope="module")
def libical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if why := why_no_libical():
        pytest.skip(why)  # libical-dev and a compiler are Debian's; Radicale, from PyPI, judges everywhere
    return compile_libical(tmp_path_factory.mktemp("libical"))


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with open_radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="module")
def thunderbird() -> Iterator[IcalJs]:
    if why := why_no_ical_js():
        pytest.skip(why)  # ical.js needs Node, which the two commands do not ask for; Radicale judges everywhere
    with ical_js() as reader:
        yield reader


@some
@any_story
def test_libical_objects_to_no_message(libical: Path, story: Story) -> None:
    assert objections(libical, [sent.calendar for sent in story.sent]) == []


def test_libical_does_object(libical: Path) -> None:
    """The judge judges: without ORGANIZER, without UID, without DTSTAMP, a CANCEL without its attendee's list."""
    (request, *_) = [sent.calendar for sent in told([], STARTS[0], 0).sent if b"METHOD:REQUEST" in sent.calendar]
    unfolded = request.replace(b"\r\n ", b"")
    for name in (b"ORGANIZER", b"UID", b"DTSTAMP", b"ATTENDEE"):
        lines = [line for line in unfolded.split(b"\r\n") if not line.startswith(name)]
        assert objections(libical, [b"\r\n".join(lines)]), name


def test_libical_objects_to_no_feed(libical: Path) -> None:
    empty = write_feed(an_agenda(visits=()), TENANT, language_of("de"), ())
    assert objections(libical, [FEED, empty]) == []


@some
@any_story
def test_thunderbirds_parser_reads_what_was_meant(thunderbird: IcalJs, story: Story) -> None:
    """A client that keeps the newest of each UID, and takes away what is cancelled, ends with what stands."""
    calendars: defaultdict[str, dict[str, tuple[int, datetime]]] = defaultdict(dict)
    newest: dict[tuple[str, str], int] = {}
    for sent, events in zip(story.sent, thunderbird.read([sent.calendar for sent in story.sent]), strict=True):
        (event,) = events
        key = sent.recipient, event["uid"]
        assert event["sequence"] > newest.get(key, -1), "SEQUENCE grows on the wire"
        newest[key] = event["sequence"]
        assert event["zone"] == "Europe/Berlin"
        assert event["alarms"] == 0
        assert event["attendees"] == ([] if event["method"] == "PUBLISH" else [f"mailto:{sent.recipient}"])
        assert event["organizer"] not in event["attendees"]
        calendars[sent.recipient].pop(event["uid"], None)
        if event["status"] != "CANCELLED":
            start = datetime.fromtimestamp(event["start"], UTC)
            calendars[sent.recipient][event["uid"]] = (event["sequence"], start)
    held = {to: {(uid, *entry) for uid, entry in entries.items()} for to, entries in calendars.items()}
    assert held == story.wanted()


def test_thunderbirds_parser_reads_a_feed(thunderbird: IcalJs) -> None:
    (events,) = thunderbird.read([FEED])
    visits = many_visits(60, STARTS[0])
    assert [event["start"] for event in events] == [int(visit.start.timestamp()) for visit in visits]
    assert [event["end"] for event in events] == [int(visit.end.timestamp()) for visit in visits]


@some
@any_story
def test_radicale_ends_with_what_stands(radicale: httpx.Client, story: Story) -> None:
    life = uuid4().hex
    recipients = {sent.recipient: f"{life}-{number}" for number, sent in enumerate(story.sent)}
    calendars = {recipient: Calendar(radicale, user) for recipient, user in recipients.items()}
    for sent in story.sent:
        calendars[sent.recipient].follow(sent.calendar)
    for recipient, entries in story.wanted().items():
        assert calendars[recipient].held() == entries
        for entry in entries:
            start = entry[2]
            assert calendars[recipient].at(start, start + MINUTE) == {entry}
            assert calendars[recipient].at(start - MINUTE, start) == set()


def test_a_story_reaches_all_that_it_is_made_of() -> None:
    """So that the judges see invitations, updates, reassignments, cancellations and what comes after them."""
    verbs = ("move", "reassign", "change", "readdress", "office_cancels", "rebook", "cancel")
    steps = [Step(verb, STARTS[5], 1, is_heard=True) for verb in verbs]
    methods = [sent.calendar.partition(b"METHOD:")[2].split(b"\r\n")[0] for sent in told(steps, STARTS[0], 0).sent]
    assert methods.count(b"REQUEST") == 6
    assert methods.count(b"CANCEL") == 4
    assert methods.count(b"PUBLISH") == 6
