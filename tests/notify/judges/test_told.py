"""Holds `docs/calendar-judges.md` equal to what the judges say (`WRITE_DOCS=1` writes it anew)."""

import os
from pathlib import Path

import pytest
from tests.notify.judges.caldav import open_radicale
from tests.notify.judges.judges import compile_libical, ical_js, why_no_ical_js, why_no_libical
from tests.notify.judges.told import Judges, draw

PAGE = Path("docs/calendar-judges.md")


def test_the_page_shows_what_they_say(tmp_path: Path) -> None:
    if why := why_no_libical() or why_no_ical_js():
        pytest.skip(why)  # the page needs all three; each judges by itself in test_stories.py
    with open_radicale(tmp_path / "radicale") as radicale, ical_js() as reader:
        text = draw(Judges(compile_libical(tmp_path), reader, radicale))
    if "WRITE_DOCS" in os.environ:
        PAGE.write_text(text)
    assert PAGE.read_text() == text
