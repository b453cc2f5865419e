"""Lives of an appointment, told by notify's own decisions; and what each calendar must end with.

The model of booking is small: SEQUENCE grows with each change of an entry, a new clerk is a new entry, a former one
stays with its last times. Events may be heard late, when the letter already tells more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import strategies as st
from tests.notify.conftest import OFFICE
from tests.notify.letters import LETTER, NOW, TENANT, a_clerk

from contracts.booking import AppointmentEventType, CalendarEntry, ClerkEntry, Letter
from contracts.calendars import CalendarChannel
from kit.ids import uuid7
from notify.calendar import itip
from notify.domain.addresses import fingerprint
from notify.domain.kinds import STANDING
from notify.domain.telling import Fact, Occasion, Told, decide
from notify.language import language_of

BERLIN = ZoneInfo("Europe/Berlin")
STARTS = [
    datetime(2027, month, day, hour, minute, tzinfo=BERLIN)
    for month, day in ((3, 27), (3, 28), (3, 29), (10, 30), (10, 31), (11, 1))
    for hour, minute in ((0, 30), (3, 0), (8, 0), (23, 15))
]
"""Around both changes of the clocks, on the days themselves too."""
CLERKS = 3
CITIZEN = LETTER.citizen.email or ""


class Step(NamedTuple):
    verb: str
    start: datetime
    clerk: int
    is_heard: bool
    """At once; else with the next one that is."""


class Sent(NamedTuple):
    recipient: str
    calendar: bytes


STEPS = st.builds(
    Step,
    st.sampled_from(["move", "reassign", "change", "office_cancels", "rebook", "choose", "readdress", "cancel"]),
    st.sampled_from(STARTS),
    st.integers(0, CLERKS - 1),
    st.booleans(),
)
STORIES = st.lists(STEPS, max_size=12)


def address(clerk: int, *, is_other: bool = False) -> str:
    """Each has two mailboxes, one at a time."""
    return f"clerk{clerk}{'-neu' if is_other else ''}@heinsberg.example"


class Story:
    def __init__(self, start: datetime, clerk: int) -> None:
        self.sent: list[Sent] = []
        self._told: list[Told] = []
        self._written: set[tuple[str, str]] = set()
        """What was written once is not written again: the database's unique key."""
        self._unheard: list[tuple[AppointmentEventType, int]] = []
        self._channels: list[CalendarChannel] = ["invite"] * CLERKS
        self._has_other = [False] * CLERKS
        self.letter = msgspec.structs.replace(
            LETTER, version=1, clerks=(), start=start, end=start + timedelta(minutes=20)
        )
        self._assign(clerk)
        self._tell("appointment.confirmed", is_heard=True)

    def live(self, step: Step) -> None:
        stands = self.letter.state in STANDING
        match step.verb:
            case "move" | "change" if stands:
                self._place(step.start if step.verb == "move" else self.letter.start)
                self._tell("appointment.moved" if step.verb == "move" else "appointment.changed", step.is_heard)
            case "reassign" if stands:
                self._reassign(step.clerk)
                self._tell("appointment.reassigned", step.is_heard)
            case "office_cancels" | "cancel" if stands:
                offered = step.verb == "office_cancels"
                self._call_off(rebook_until=NOW + timedelta(days=400) if offered else None)
                self._tell("appointment.rebooking_offered" if offered else "appointment.cancelled", step.is_heard)
            case "rebook" if self.letter.rebook_until:
                self._set(state="confirmed", rebook_until=None)
                self._place(step.start)
                self._assign(step.clerk)
                self._tell("appointment.moved", step.is_heard)
            case "choose":
                self._choose(step)
            case "readdress":
                self._readdress(step)

    def end(self) -> None:
        """All that was not heard is heard."""
        self._hear()

    def wanted(self) -> dict[str, set[tuple[str, int, datetime]]]:
        """What each calendar must hold in the end: UID, SEQUENCE and start; of those who were ever written to."""
        entries: dict[str, set[tuple[str, int, datetime]]] = {sent.recipient: set() for sent in self.sent}
        if self.letter.state in STANDING:
            own = self.letter.citizen.calendar
            entries[CITIZEN] = {(own.uid, own.sequence, self.letter.start)}
            for clerk in self.letter.clerks:
                if clerk.live and clerk.calendar.uid in self._invited():
                    entries[clerk.email] = {(clerk.calendar.uid, clerk.calendar.sequence, clerk.start)}
        return entries

    def _invited(self) -> set[str]:
        return {told.calendar_uid for told in self._told}

    def _choose(self, step: Step) -> None:
        channels: list[CalendarChannel] = ["invite", "digest", "feed"]
        self._channels[step.clerk] = channels[step.start.minute % 3]
        self._set_clerks(
            [
                msgspec.structs.replace(clerk, channel=self._channels[step.clerk])
                if clerk.display_name == _name(step.clerk)
                else clerk
                for clerk in self.letter.clerks
            ]
        )
        if self._channels[step.clerk] == "invite" and self.letter.state in STANDING:
            self._tell("appointment.invite_due", step.is_heard)

    def _readdress(self, step: Step) -> None:
        self._has_other[step.clerk] = not self._has_other[step.clerk]
        if any(clerk.live and clerk.display_name == _name(step.clerk) for clerk in self.letter.clerks):
            self._hand_to(step.clerk)
            self._tell("appointment.invite_due", step.is_heard)

    def _place(self, start: datetime) -> None:
        end = start + timedelta(minutes=20)
        self._grow(start=start, end=end)
        self._set_clerks([_grown(clerk, start=start, end=end) if clerk.live else clerk for clerk in self.letter.clerks])

    def _call_off(self, rebook_until: datetime | None) -> None:
        state = "cancelled_by_office" if rebook_until else "cancelled_by_citizen"
        self._grow(state=state, rebook_until=rebook_until)
        self._set_clerks([_grown(clerk, live=False) if clerk.live else clerk for clerk in self.letter.clerks])

    def _reassign(self, number: int) -> None:
        if not any(clerk.live and clerk.display_name == _name(number) for clerk in self.letter.clerks):
            self._hand_to(number)

    def _hand_to(self, number: int) -> None:
        self._set_clerks([_grown(clerk, live=False) if clerk.live else clerk for clerk in self.letter.clerks])
        self._assign(number)

    def _assign(self, number: int) -> None:
        new = a_clerk(
            email=address(number, is_other=self._has_other[number]),
            display_name=_name(number),
            calendar=CalendarEntry(uid=f"{uuid7()}@heinsberg.example", sequence=0),
            start=self.letter.start,
            end=self.letter.end,
            channel=self._channels[number],
        )
        self._set_clerks([*(clerk for clerk in self.letter.clerks if clerk.email != new.email or not clerk.live), new])

    def _grow(self, **changes: object) -> None:
        own = self.letter.citizen
        calendar = CalendarEntry(uid=own.calendar.uid, sequence=own.calendar.sequence + 1)
        self._set(citizen=msgspec.structs.replace(own, calendar=calendar), **changes)

    def _set(self, **changes: object) -> None:
        self.letter: Letter = msgspec.structs.replace(self.letter, **changes)

    def _set_clerks(self, clerks: Sequence[ClerkEntry]) -> None:
        self._set(clerks=tuple(clerks))

    def _tell(self, type_: AppointmentEventType, is_heard: bool) -> None:
        self._set(version=self.letter.version + (type_ != "appointment.invite_due"))
        self._unheard.append((type_, self.letter.version))
        if is_heard:
            self._hear()

    def _hear(self) -> None:
        for type_, version in self._unheard:
            fact = Fact(uuid7(), type_, version)
            hashed = partial(fingerprint, OFFICE.key)
            for message in decide(fact, self.letter, self._told, hashed, TENANT.clerk_language):
                self._send(Occasion(message, self.letter, TENANT))
        self._unheard.clear()

    def _send(self, occasion: Occasion) -> None:
        message, hash_ = occasion.message, fingerprint(OFFICE.key, occasion.message.email)
        if message.calendar is None or (message.subject_key, hash_) in self._written:
            return
        self._written.add((message.subject_key, hash_))
        if message.method:
            data = itip.write(occasion, language_of(message.language), "termine+7@schalter.example", NOW)
            self.sent.append(Sent(message.email, data))
        if message.method == "REQUEST" or message.kind == "rebooking":
            calendar = message.calendar
            self._told.append(Told(calendar.uid, calendar.sequence, hash_))


def _name(clerk: int) -> str:
    return f"Clerk {clerk}"


def _grown(clerk: ClerkEntry, **changes: object) -> ClerkEntry:
    calendar = CalendarEntry(uid=clerk.calendar.uid, sequence=clerk.calendar.sequence + 1)
    return msgspec.structs.replace(clerk, calendar=calendar, **changes)


def told(steps: Sequence[Step], start: datetime, clerk: int) -> Story:
    story = Story(start, clerk)
    for step in steps:
        story.live(step)
    story.end()
    return story
