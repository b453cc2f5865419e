"""The house's own words, as their reader needs them: what to do until when, what comes next, what a link is worth."""

import pytest
from tests.notify.letters import NOW, TENANT

from notify.domain.placeholders import TemplateKind
from notify.language import language_of
from notify.mail.letterhead import Letterhead
from notify.mail.rendering import Rendered, render
from notify.mail.samples import sample_occasion
from notify.mail.style import Style

HOME = "https://termine.example"
both_languages = pytest.mark.parametrize("language", ["de", "en"])


def rendered(kind: TemplateKind, language: str = "de", home: str = HOME) -> Rendered:
    t = language_of(language)
    return render(sample_occasion(kind, TENANT, t, NOW), t, Style(Letterhead(home)))


@pytest.mark.parametrize(
    ("kind", "deadline"),
    [
        ("activation", "Montag, 22. März 2027, 10:30 Uhr"),
        ("unfinished", "Montag, 22. März 2027, 10:30 Uhr"),
        ("rebooking", "Montag, 29. März 2027, 10:00 Uhr"),
        ("invitation", "Montag, 29. März 2027, 11:00 Uhr"),
    ],
)
def test_a_deadline_names_its_day_and_stands_before_what_is_to_be_done(kind: TemplateKind, deadline: str) -> None:
    """A mail that is read the next morning must not seem to be about that day."""
    text = rendered(kind).text
    assert -1 < text.find(deadline) < text.find("https://termine.example/muster")


@both_languages
@pytest.mark.parametrize("kind", ["cancelled", "cancelled_by_office", "declined", "lapsed"])
def test_what_is_gone_can_be_booked_anew(kind: TemplateKind, language: str) -> None:
    mail = rendered(kind, language)
    assert f"{HOME}/heinsberg/\n" in mail.text
    assert f'href="{HOME}/heinsberg/"' in mail.html
    assert "://" not in rendered(kind, language, home="").text, "an address that we do not know is not made up"


@both_languages
@pytest.mark.parametrize("kind", ["confirmation", "changed", "reminder", "earlier", "rebooking", "link"])
def test_whoever_gets_the_personal_link_is_told_what_it_can(kind: TemplateKind, language: str) -> None:
    warning = {"de": "Wer diesen Link hat, kann Ihren Termin ändern.", "en": "Whoever has this link can change"}
    assert warning[language] in rendered(kind, language).text


def test_who_has_not_paid_is_not_promised_a_receipt() -> None:
    text = rendered("unfinished").text
    assert "noch nicht bezahlt" in text
    assert "Quittung" not in text


def test_an_earlier_time_of_the_samples_is_one_at_which_offices_open() -> None:
    assert "Freitag, 26. März 2027" in rendered("earlier").text
