"""The page of the words: what the browser is told to keep from doing, and what becomes of what was typed."""

from typing import Any

import pytest
from litestar.testing import AsyncTestClient
from tests.notify.signing import OWN_FORM, sign_in
from tests.notify.templates.asking import OWN, staff_token

Client = AsyncTestClient[Any]
PAGE = "/verwaltung/vorlagen?kind=confirmation&language=de"


@pytest.fixture
async def page(admin: Client) -> Client:
    """An admin at a browser."""
    del admin.headers["Authorization"]
    admin.headers.update(OWN_FORM | {"Accept": "text/html"})
    await sign_in(admin, staff_token())
    return admin


async def test_the_frame_may_do_nothing_and_the_page_is_kept_nowhere(page: Client) -> None:
    for answer in (await page.get(PAGE), await page.post(PAGE, data=OWN | {"action": "try"})):
        assert answer.status_code == 200
        assert answer.text.count('sandbox=""') == answer.text.count("<iframe") == 2
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"


async def test_words_are_tried_without_being_saved(page: Client) -> None:
    tried = await page.post(PAGE, data=OWN | {"action": "try"})
    assert "Bis bald" in tried.text
    assert "Bis bald" not in (await page.get(PAGE)).text


async def test_who_saves_late_is_told_and_keeps_what_was_typed(page: Client) -> None:
    assert (await page.post(PAGE, data=OWN | {"action": "save"})).status_code == 200
    late = {"action": "save", "version": "0", "subject": "Ganz anders", "body": OWN["body"]}
    for _ in range(2):
        answer = await page.post(PAGE, data=late)
        assert answer.status_code == 409
        assert "Ganz anders" in answer.text
    assert (await page.post(PAGE, data=late | {"version": "1"})).status_code == 200


@pytest.mark.parametrize("which", ["kind=invite&language=de", "kind=confirmation&language=xx"])
async def test_no_such_mail_has_a_page_of_its_own(page: Client, which: str) -> None:
    answer = await page.get(f"/verwaltung/vorlagen?{which}")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (404, "text/html")
