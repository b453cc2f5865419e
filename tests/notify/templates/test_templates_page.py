"""The page of the words: who gets there, and what the browser is told to keep from doing."""

from typing import Any

import pytest
from litestar.testing import AsyncTestClient
from tests.notify.templates.asking import OWN, staff_token

Client = AsyncTestClient[Any]
PAGE = "/vorlagen"
HTML = {"Accept": "text/html"}


def form(**changes: str) -> dict[str, str]:
    return {"token": staff_token(), "kind": "confirmation", "language": "de"} | changes


@pytest.mark.parametrize(
    ("token", "status", "word"),
    [
        ("x", 401, "gilt nicht"),
        ("", 401, "gilt nicht"),
        (staff_token(hours=-1), 401, "gilt nicht"),
        (staff_token(("clerk", "lead")), 403, "Rolle admin"),
    ],
)
async def test_nobody_else_gets_there(admin: Client, token: str, status: int, word: str) -> None:
    answer = await admin.post(PAGE, data=form(token=token), headers=HTML)
    assert answer.status_code == status
    assert word in answer.text
    assert "iframe" not in answer.text


async def test_the_entrance_shows_nothing_but_a_form(admin: Client) -> None:
    answer = await admin.get(f"{PAGE}?token={staff_token()}", headers=HTML)
    assert "iframe" not in answer.text, "a token in an address opens nothing"
    assert 'type="password"' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")


async def test_the_frame_may_do_nothing_and_the_page_is_kept_nowhere(admin: Client) -> None:
    answer = await admin.post(PAGE, data=form(), headers=HTML)
    assert answer.status_code == 200
    assert answer.text.count('sandbox=""') == answer.text.count("<iframe") == 2
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


async def test_a_form_from_elsewhere_is_refused(admin: Client) -> None:
    answer = await admin.post(PAGE, data=form(action="save", **OWN), headers=HTML | {"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "iframe" not in answer.text


async def test_who_saves_late_is_told_and_keeps_what_was_typed(admin: Client) -> None:
    assert (await admin.post(PAGE, data=form(action="save", **OWN), headers=HTML)).status_code == 200
    late = form(action="save", version="0", subject="Ganz anders", body=OWN["body"])
    for _ in range(2):
        answer = await admin.post(PAGE, data=late, headers=HTML)
        assert answer.status_code == 409
        assert "Ganz anders" in answer.text
    assert (await admin.post(PAGE, data=late | {"version": "1"}, headers=HTML)).status_code == 200


async def test_no_such_mail_has_a_page_of_its_own(admin: Client) -> None:
    answer = await admin.post(PAGE, data=form(kind="invite"), headers=HTML)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (404, "text/html")
