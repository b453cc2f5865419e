"""Visits by phone and by video: where the citizen finds us, in mail and calendar."""

import pytest
from tests.notify.letters import a_citizen, a_letter
from tests.notify.reading import calendar_of, read, text_of
from tests.notify.writing import written

from notify.domain.kinds import Kind

MEETING = "https://video.heinsberg.example/termin/k3jd82"
BY_VIDEO = a_letter(channel="video", video_url=MEETING)
BY_PHONE = a_letter(channel="phone", citizen=a_citizen(phone="02452 98765"))


@pytest.mark.parametrize("kind", ["confirmation", "changed", "reminder", "invite", "update"])
def test_both_sides_find_the_video_visit_in_mail_and_calendar(kind: Kind) -> None:
    message = read(written(kind, BY_VIDEO))
    event = calendar_of(message).walk("VEVENT")[0]
    assert MEETING in text_of(message)
    assert MEETING in text_of(message, "html")
    assert event["LOCATION"] == event["URL"] == MEETING


def test_a_video_visit_whose_link_is_not_known_yet_says_what_it_is() -> None:
    message = read(written("confirmation", a_letter(channel="video")))
    event = calendar_of(message).walk("VEVENT")[0]
    assert event["LOCATION"] == "Videotermin"
    assert "URL" not in event
    assert "Als Videotermin" in text_of(message)


@pytest.mark.parametrize(("language", "words"), [("de", "Wir rufen Sie an unter"), ("en", "we will call you at")])
def test_who_is_called_reads_the_number(language: str, words: str) -> None:
    message = read(written("confirmation", BY_PHONE, language))
    assert f"{words} 02452 98765" in text_of(message)
    assert "98765" not in str(calendar_of(message).to_ical())


def test_the_clerk_reads_no_number_of_the_citizen() -> None:
    message = read(written("invite", BY_PHONE))
    assert "98765" not in text_of(message) + str(calendar_of(message).to_ical())


@pytest.mark.parametrize("letter", [BY_PHONE, BY_VIDEO])
def test_who_stays_at_home_is_sent_to_no_room_and_asked_to_bring_nothing(letter: object) -> None:
    message = read(written("confirmation", letter))  # type: ignore[arg-type]
    for words in ("Raum 12", "bringen Sie mit", "QR-Code"):
        assert words not in text_of(message) + str(calendar_of(message).to_ical())
    assert "Bitte halten Sie bereit" in text_of(message)


@pytest.mark.parametrize("kind", ["confirmation", "changed", "reminder"])
@pytest.mark.parametrize(("language", "words"), [("de", "QR-Code am Eingang"), ("en", "check in")])
def test_who_comes_reads_how_to_check_in(kind: Kind, language: str, words: str) -> None:
    assert words in text_of(read(written(kind, language=language)))
