"""`docs/mails.md` shows what the templates say today; its pictures stay small, and none is missing."""

from PIL import Image
from tests.notify.gallery import PAGE, PICTURES, WIDTH, chapters, write_page

from notify.domain.placeholders import TEMPLATE_KINDS
from notify.mail.rendering import template_of_occasion

BYTES_MAX = 1_500_000


def test_the_page_is_of_today() -> None:
    assert PAGE.read_text("utf-8") == write_page(), "make docs"


def test_every_mail_of_a_citizen_is_shown() -> None:
    shown = {template_of_occasion(shot.occasion) for shots in chapters().values() for shot in shots}
    assert shown == {*TEMPLATE_KINDS, None}


def test_each_picture_is_there_and_they_are_small() -> None:
    named = {f"{shot.name}.png" for shots in chapters().values() for shot in shots}
    files = list(PICTURES.iterdir())
    assert {file.name for file in files} == named
    assert sum(file.stat().st_size for file in files) < BYTES_MAX
    for file in files:
        with Image.open(file) as picture:
            assert picture.width == WIDTH
