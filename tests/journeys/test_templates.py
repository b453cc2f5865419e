"""An admin looks at the mails on a page of notify, tries other words, saves them, and takes the house's back."""

from collections.abc import Iterator

import pytest
from tests.journeys.citizen import Citizen
from tests.support.system import System

KIND = "lapsed"
"""In English: a mail that no other journey reads."""


@pytest.fixture
def page_url(system: System) -> Iterator[str]:
    yield f"{system.url('notify')}/vorlagen"
    headers = {"Authorization": f"Bearer {system.described['staff']['admin']}"}
    words = f"{system.url('notify')}/v1/staff/templates/{KIND}/en"
    assert system.http.delete(words, headers=headers).status_code == 200


@pytest.mark.parametrize("person", ["citizen", "visitor"], ids=["phone", "desk"])
def test_words_are_tried_saved_and_taken_back(
    person: str, page_url: str, system: System, request: pytest.FixtureRequest
) -> None:
    admin: Citizen = request.getfixturevalue(person)
    admin.open(page_url)
    admin.fill("token", "kein Schlüssel")
    admin.press("templates-open")
    assert admin.page.locator("#token-error").is_visible()
    admin.fill("token", system.described["staff"]["admin"])
    admin.press("templates-open")
    assert system.described["staff"]["admin"] not in admin.page.url
    frame = admin.page.frame_locator("iframe.phone")
    assert frame.locator("h1").inner_text() == "Bitte bestätigen Sie Ihre Adresse"
    admin.page.locator("#kind").select_option(KIND)
    admin.page.locator("#language").select_option("en")
    admin.press("templates-look")
    assert frame.locator("h1").inner_text() == "Your reservation has lapsed"
    assert admin.page.frame_locator("iframe.desktop").locator("h1").inner_text() == "Your reservation has lapsed"
    _change_the_words(admin)


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
