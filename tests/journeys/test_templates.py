"""A member of the staff signs in once, goes to and fro between the pages of notify, changes the words of a mail, and
loses none when the sign-in has ended.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.journeys.citizen import Citizen
from tests.support.system import System

from kit.tokens import StaffClaims, sign

KIND = "lapsed"
"""In English: a mail that no other journey reads."""


@pytest.fixture
def home(system: System) -> Iterator[str]:
    yield f"{system.url('notify')}/verwaltung"
    headers = {"Authorization": f"Bearer {system.described['staff']['admin']}"}
    words = f"{system.url('notify')}/v1/staff/templates/{KIND}/en"
    assert system.http.delete(words, headers=headers).status_code == 200


@pytest.fixture
def both(system: System) -> str:
    """A token with the roles of both pages."""
    claims = StaffClaims(
        subject="ida.both",
        tenant="heinsberg",
        roles=("admin", "operator"),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    return sign(system.setting("notify serve", "STAFF_KEY"), "staff", claims)


@pytest.mark.parametrize("person", ["citizen", "visitor"], ids=["phone", "desk"])
def test_one_sign_in_opens_the_pages_and_words_are_changed(
    person: str, home: str, both: str, request: pytest.FixtureRequest
) -> None:
    admin: Citizen = request.getfixturevalue(person)
    admin.open(home)
    admin.fill("token", "kein Schlüssel")
    admin.press("sign-in")
    assert admin.page.locator("#token-error").is_visible()
    admin.fill("token", both)
    admin.press("sign-in")
    assert admin.page.url == f"{home}/versand"
    admin.press("page-templates")
    admin.page.locator("#kind").select_option(KIND)
    admin.page.locator("#language").select_option("en")
    admin.press("templates-look")
    for frame in ("phone", "desktop"):
        heading = admin.page.frame_locator(f"iframe.{frame}").locator("h1")
        assert heading.inner_text() == "Your reservation has lapsed"
    _change_the_words(admin)
    _sign_in_anew_while_writing(admin, both)
    admin.press("sign-out")
    admin.open(f"{home}/versand")
    assert admin.find("sign-in").is_visible()


def test_who_lacks_the_role_is_told_where_to_go(citizen: Citizen, home: str, system: System) -> None:
    citizen.open(f"{home}/vorlagen")
    citizen.fill("token", system.described["staff"]["operator"])
    citizen.press("sign-in")
    assert "admin" in citizen.page.locator("main").inner_text()
    citizen.press("page-operations")
    assert citizen.page.url == f"{home}/versand"


def _change_the_words(admin: Citizen) -> None:
    frame = admin.page.frame_locator("iframe.phone")
    admin.fill("body", "Dear {{name}},\n\n**too late**: {{startt}}")
    admin.press("templates-save")
    assert "{{startt}} is not known" in admin.page.locator("#body-error").inner_text()
    assert "{{start}} is missing" in admin.page.locator("#body-error").inner_text()
    admin.fill("body", "Dear {{name}},\n\n**too late**: {{start}}. <{{number}}>")
    admin.press("templates-try")
    assert "Erika Mustermann" in frame.locator("body").inner_text()
    assert frame.locator("strong").first.inner_text() == "too late"
    admin.press("templates-save")
    assert admin.find("templates-saved").is_visible()
    admin.press("templates-default")
    assert "The payment was not finished in time" in admin.page.locator("#body").input_value()
    admin.press("templates-save")
    assert admin.page.locator("#body").input_value().startswith("Dear {{name}}")


def _sign_in_anew_while_writing(admin: Citizen, token: str) -> None:
    typed = "Dear {{name}},\n\nfar too late: {{start}}"
    admin.fill("body", typed)
    admin.page.context.clear_cookies(name="schalter_staff")
    admin.press("templates-save")
    assert admin.find("sign-in-ended").is_visible()
    admin.fill("token", token)
    admin.press("sign-in")
    assert admin.page.locator("#body").input_value() == typed
    assert "far too late" in admin.page.frame_locator("iframe.phone").locator("body").inner_text()
    assert admin.page.locator("#kind").input_value() == KIND
    assert token not in admin.page.url
