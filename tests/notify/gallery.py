"""`make docs`: each mail as a phone shows it, photographed for `docs/mails.md` in the journeys' Chromium."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from tests.find_browser import CHROMIUM_FLAGS, find_browser
from tests.notify.agendas import a_visit, an_agenda
from tests.notify.letters import (
    CLERK,
    EARLIER,
    END,
    INVITATION,
    LETTER,
    NOW,
    START,
    TASK,
    TENANT,
    a_letter,
    a_payment,
    an_office_cancellation,
)
from tests.notify.writing import occasion_of

from contracts.booking import Letter, LetterItem
from contracts.calendars import AgendaVisit
from contracts.money import Money
from notify.domain.digest import digest_of
from notify.domain.inviting import InvitationOccasion, invite
from notify.domain.kinds import Kind
from notify.language import language_of
from notify.mail.letterhead import Letterhead
from notify.mail.occasions import AnyOccasion
from notify.mail.rendering import Rendered, render
from notify.mail.style import Style

PAGE = Path(__file__).parents[2] / "docs/mails.md"
PICTURES = PAGE.parent / "mails"
WIDTH, HEIGHT = 360, 640
COLOURS = 32
"""Enough for letters with soft edges; a fifth of the bytes."""
COLUMNS = 3
STYLE = Style(Letterhead("https://termine.heinsberg.example"))
INTRODUCTION = """# The mails, as a phone shows them

Drawn by `make docs` from the service's own templates, 360 pixels wide. The persons are nobody. Each mail comes as plain
text as well, in German and English. What they say, and how a tenant changes it:
[`services/notify`](../services/notify/README.md#what-a-mail-says).
"""


class Shot(NamedTuple):
    name: str
    title: str
    occasion: AnyOccasion
    is_dark: bool = False

    @property
    def rendered(self) -> Rendered:
        return render(self.occasion, language_of(self.occasion.message.language), STYLE)


UNPAID = a_payment(state="pending", paid=None)
SOON = NOW + timedelta(minutes=30)
NOTE = "In unserem Haus gibt es einen Wasserschaden."
BOOKED = "Buchen und bezahlen"
KEPT = "Der Termin"
OFF = "Wenn er ausfällt"
STAFF = "Für die Sachbearbeitung"


def citizens() -> Iterator[tuple[str, Shot]]:
    """With the chapter each."""
    yield BOOKED, shot("activation", "Adresse bestätigen", a_letter(activation_url=LETTER.manage_url, expires_at=SOON))
    yield BOOKED, shot("confirmation", "Bestätigung")
    yield BOOKED, shot("unfinished", "Zahlung nicht abgeschlossen", a_letter(payment=UNPAID, expires_at=SOON))
    yield BOOKED, shot("checking", "Zahlung wird geprüft", a_letter(state="awaiting_payment", payment=UNPAID))
    yield BOOKED, shot("lapsed", "Reservierung verfallen", a_letter(payment=UNPAID))
    yield BOOKED, shot("receipt", "Quittung")
    yield BOOKED, Shot("invitation", "Einladung zum Buchen", InvitationOccasion(invite(INVITATION), INVITATION, TENANT))
    yield KEPT, shot("reminder", "Erinnerung")
    yield KEPT, shot("changed", "Änderung")
    yield KEPT, shot("earlier", "Früherer Termin", a_letter(earlier=EARLIER))
    yield KEPT, shot("link", "Neuer Link")
    yield KEPT, shot("confirmation", "Bestätigung, englisch", language="en", name="confirmation-en")
    yield KEPT, shot("confirmation", "Bestätigung, dunkel", name="confirmation-dark")._replace(is_dark=True)
    yield OFF, shot("cancelled", "Absage durch die Bürgerin", a_letter(state="cancelled_by_citizen"))
    yield OFF, shot("cancelled", "Absage durch die Stelle", off(), name="cancelled-by-office")
    yield OFF, shot("rebooking", "Absage mit neuer Wahl", off(rebook_until=START))
    yield OFF, shot("declined", "Nichts gewählt", off())
    yield OFF, shot("refund", "Erstattung", a_letter(payment=a_payment(refunded=Money(9200))))
    yield OFF, shot("refund_delayed", "Erstattung durch die Kasse")


def clerks() -> Iterator[tuple[str, Shot]]:
    yield STAFF, shot("invite", "Einladung in den Kalender")
    visits = (a_visit(), later("HS-3M8K", "Meldebescheinigung", 1), later("HS-9Q2D", "Beratung", 2, channel="phone"))
    digest = digest_of(an_agenda(*visits, channel="digest"), TENANT, START.date(), ())
    assert digest
    yield STAFF, Shot("digest", "Tagesliste", digest)
    yield STAFF, shot("reassign", "Vertretung gesucht", a_letter(reassign_task=TASK))


def shot(kind: Kind, title: str, letter: Letter = LETTER, *, language: str = "de", name: str | None = None) -> Shot:
    refusable = msgspec.structs.replace(CLERK, refuse_url=LETTER.manage_url)
    letter = msgspec.structs.replace(letter, clerks=(refusable,))
    return Shot(name or kind, title, occasion_of(kind, letter, language))


def off(**changes: Any) -> Letter:
    return an_office_cancellation(office_note=NOTE, **changes)


def later(number: str, service: str, hours: int, **changes: Any) -> AgendaVisit:
    items = (LetterItem(service=service, quantity=1, documents=()),)
    wait = timedelta(hours=hours)
    return a_visit(number=number, items=items, start=START + wait, end=END + wait, **changes)


def chapters() -> dict[str, list[Shot]]:
    found: dict[str, list[Shot]] = {}
    for chapter, each in (*citizens(), *clerks()):
        found.setdefault(chapter, []).append(each)
    return found


def write_page() -> str:
    parts = [INTRODUCTION]
    for chapter, shots in chapters().items():
        rows = [_row(shots[first : first + COLUMNS]) for first in range(0, len(shots), COLUMNS)]
        parts += [f"## {chapter}", *rows]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _row(shots: list[Shot]) -> str:
    lines = (
        [each.title for each in shots],
        ["---"] * len(shots),
        [_quoted(each) for each in shots],
        [f"![{each.title}]({PICTURES.name}/{each.name}.png)" for each in shots],
    )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _quoted(each: Shot) -> str:
    rendered = each.rendered
    return f"„{rendered.subject}“" if rendered.language == "de" else f"“{rendered.subject}”"


def photograph(browser: Browser, each: Shot) -> bytes:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=1,
        color_scheme="dark" if each.is_dark else "light",
        java_script_enabled=False,
    )
    page = context.new_page()
    page.set_content(each.rendered.html)
    picture = page.screenshot(full_page=True)
    context.close()
    small = BytesIO()
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    PAGE.write_text(write_page(), "utf-8")
    path = find_browser()
    if path is None:
        print("docs/mails: no pictures are taken, since there is no Chromium: install it, or set CHROMIUM.")
        return
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        for shots in chapters().values():
            for each in shots:
                (PICTURES / f"{each.name}.png").write_bytes(photograph(browser, each))
        browser.close()


if __name__ == "__main__":
    main()
