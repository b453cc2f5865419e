"""What the templates say: a letter's values, written as people of the language write them."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from contracts.booking import ClerkEntry, Letter, LetterItem
from contracts.money import Money
from kit.web.formats import Formats
from kit.web.language import Language
from notify.domain.inviting import InvitationOccasion
from notify.domain.kinds import CANCELLED
from notify.domain.names import defang, defang_note
from notify.domain.telling import Occasion
from notify.language import day_short, name_of, room_of

Values = dict[str, object]

_NOTHING_CHARGED = frozenset({"created", "pending", "authorised", "voiding", "cancelled", "expiring", "expired"})
"""States of a payment in which no money has moved."""


def values_of(occasion: Occasion | InvitationOccasion, t: Language) -> Values:
    f = Formats(t)
    own = (
        _invitation(occasion, f)
        if isinstance(occasion, InvitationOccasion)
        else _when_and_where(occasion, t, f)
        | _offers(occasion.letter, t, f)
        | _sums(occasion.letter, f)
        | _task(occasion.letter, f)
    )
    shared: Values = {
        "language": t.code,
        "letter": occasion.letter,
        "tenant": occasion.tenant,
        "phone_word": t("mail.phone"),
        "items": [_item(item, t) for item in occasion.letter.items],
        "documents": _documents(occasion.letter.items),
    }
    return shared | own


def _invitation(occasion: InvitationOccasion, f: Formats) -> Values:
    letter = occasion.letter
    return {
        "on_site": True,
        "note": defang_note(letter.note),
        "valid_until": f.moment_long(letter.expires_at, occasion.time_zone),
    }


def _when_and_where(occasion: Occasion, t: Language, f: Formats) -> Values:
    letter, clerk = occasion.letter, occasion.message.clerk
    start, end = (clerk.start, clerk.end) if clerk else (letter.start, letter.end)
    return {
        "name": defang(letter.citizen.name),
        "citizen_phone": defang(letter.citizen.phone or ""),
        "day": f.day_long(_day(start, letter)),
        "day_short": day_short(_day(start, letter), t),
        "time": f.time(start, letter.time_zone),
        "end_time": f.time(end, letter.time_zone),
        "former": occasion.former_start and f.moment_long(occasion.former_start, letter.time_zone),
        "on_site": letter.channel == "on_site",
        "place": _place(letter, t),
        "note": defang_note(letter.office_note),
        "reserved_until": letter.expires_at and f.moment_long(letter.expires_at, letter.time_zone),
    } | (_of_clerk(clerk, letter) if clerk else {})


def _of_clerk(clerk: ClerkEntry, letter: Letter) -> Values:
    again = [entry for entry in letter.clerks if entry.live and entry.clerk_id == clerk.clerk_id]
    return {
        "clerk_name": clerk.display_name,
        "refuse_url": clerk.refuse_url,
        "is_cancelled": letter.state in CANCELLED,
        "comes_again": bool(again),
        "comes_elsewhere": any(entry.email != clerk.email for entry in again),
    }


def _offers(letter: Letter, t: Language, f: Formats) -> Values:
    """Another time that may be chosen, or an earlier one that is held."""
    values: Values = {"rebook_until": letter.rebook_until and f.moment_long(letter.rebook_until, letter.time_zone)}
    if letter.earlier:
        values |= {
            "earlier_day": f.day_long(_day(letter.earlier.start, letter)),
            "earlier_day_short": day_short(_day(letter.earlier.start, letter), t),
            "earlier_time": f.time(letter.earlier.start, letter.time_zone),
            "held_until": f.moment_long(letter.earlier.expires_at, letter.time_zone),
        }
    return values


def _task(letter: Letter, f: Formats) -> Values:
    """That somebody else is to be found for the visit."""
    task = letter.reassign_task
    if task is None:
        return {}
    return {"owner": task.owner, "refused_by": task.clerk, "task_due": f.moment_long(task.due_at, letter.time_zone)}


def _sums(letter: Letter, f: Formats) -> Values:
    payment = letter.payment

    def write(sum_: Money | None) -> str | None:
        return f.money(sum_.amount_cents, sum_.currency) if sum_ and sum_.amount_cents else None

    return {
        "fee": write(letter.fee),
        "paid": write(payment.paid),
        "refunded": write(payment.refunded),
        "due": write(payment.due_at_counter),
        "nothing_charged": payment.state in _NOTHING_CHARGED,
    }


def _item(item: LetterItem, t: Language) -> str:
    name = name_of(item, t)
    return f"{item.quantity} × {name}" if item.quantity > 1 else name


def _documents(items: Sequence[LetterItem]) -> list[str]:
    """Each once, whoever of the services asks for it."""
    return list(dict.fromkeys(document for item in items for document in item.documents))


def _day(instant: datetime, letter: Letter) -> date:
    return instant.astimezone(ZoneInfo(letter.time_zone)).date()


def _place(letter: Letter, t: Language) -> list[str]:
    place = letter.place
    return [place.name, place.street, f"{place.postcode} {place.city}", *room_of(place, t)]
