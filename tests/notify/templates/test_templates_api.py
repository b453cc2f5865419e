"""A tenant's own words: tried, saved in versions, used for mails written from then on, and taken back."""

from typing import Any

import asyncpg
import msgspec
import pytest
from litestar.testing import AsyncTestClient
from tests.notify.conftest import Notify
from tests.notify.letters import LETTER, NOW, TENANT, a_citizen, a_letter, at_sequence
from tests.notify.peers import TOKEN
from tests.notify.reading import calendar_of, read, text_of
from tests.notify.templates.asking import CONFIRMATION, OWN, bearer

from contracts.tenant import TenantsFile
from kit.sql import Pool
from notify.domain.placeholders import TEMPLATE_KINDS, VOCABULARIES
from notify.usecases.configure import configure

Client = AsyncTestClient[Any]
LIST = "/v1/staff/templates"
FOR_CITIZEN = a_letter(clerks=())


async def test_all_kinds_are_listed_in_both_languages(admin: Client) -> None:
    items = (await admin.get(LIST)).json()["items"]
    assert [(item["kind"], item["language"]) for item in items] == [
        (kind, language) for kind in TEMPLATE_KINDS for language in ("de", "en")
    ]
    assert not any(item["is_own"] or item["version"] for item in items)


async def test_a_kind_tells_its_words_and_placeholders(admin: Client) -> None:
    found = (await admin.get(CONFIRMATION)).json()
    assert (found["version"], found["is_own"], found["history"]) == (0, False, [])
    assert found["current"] == found["default"]
    assert found["current"]["subject"] == "Ihr Termin am {{start}}"
    told = {placeholder["name"]: placeholder for placeholder in found["placeholders"]}
    assert set(told) == VOCABULARIES["confirmation"].known
    assert {name for name in told if told[name]["required"]} == {"visit", "fee", "documents"}
    assert told["start"] == {
        "name": "start", "form": "words", "required": False, "in_subject": True, "said_by": ["slot", "visit"]
    }  # fmt: skip


@pytest.mark.parametrize("language", ["de", "en"])
async def test_what_is_offered_as_a_beginning_can_be_saved(admin: Client, language: str) -> None:
    """The house's words tell in no preview what a visit is about, either."""
    for kind in TEMPLATE_KINDS:
        words = (await admin.get(f"{LIST}/{kind}/{language}")).json()["default"]
        saved = await admin.put(f"{LIST}/{kind}/{language}", json=words)
        assert (saved.status_code, saved.json().get("is_own")) == (200, True), saved.text


async def test_own_words_hold_for_mails_written_from_then_on(notify: Notify, admin: Client) -> None:
    await notify.hear("appointment.confirmed", FOR_CITIZEN)
    await notify.prepare()
    saved = await admin.put(CONFIRMATION, json=OWN)
    assert saved.status_code == 200, saved.text
    assert (saved.json()["version"], saved.json()["is_own"], saved.json()["current"]) == (1, True, OWN)
    await notify.send()
    assert read(notify.mail.taken[0][2])["Subject"] == "Ihr Termin am Mo., 29.03., 10:00 Uhr"  # stored before
    other = a_letter(
        clerks=(), appointment_id="0195e000-0000-7000-8000-0000000000aa", citizen=a_citizen(email="x@example.org")
    )
    await notify.tell("appointment.confirmed", msgspec.convert(msgspec.to_builtins(other), type(other)))
    mail = read(notify.mail.taken[1][2])
    assert mail["Subject"] == "Bis bald: Mo., 29.03., 10:00 Uhr"
    assert "Moin Erika Mustermann" in text_of(mail)
    assert LETTER.manage_url in text_of(mail), "the link stays, whatever the words are"
    assert TENANT.phone in text_of(mail)
    assert calendar_of(mail)["METHOD"] == "PUBLISH"


async def test_versions_are_added_and_an_older_one_is_saved_anew(admin: Client) -> None:
    await admin.put(CONFIRMATION, json=OWN)
    second = OWN | {"subject": "Zweite Fassung, {{day}}"}
    await admin.put(CONFIRMATION, json=second)
    history = (await admin.put(CONFIRMATION, json=OWN)).json()["history"]
    assert [(row["version"], row["subject"], row["changed_by"]) for row in history] == [
        (3, OWN["subject"], "staff:a.claessen"),
        (2, second["subject"], "staff:a.claessen"),
        (1, OWN["subject"], "staff:a.claessen"),
    ]
    again = (await admin.put(CONFIRMATION, json=OWN)).json()
    assert again["version"] == 3, "the same words are no change"


async def test_the_houses_words_come_back(notify: Notify, admin: Client) -> None:
    await admin.put(CONFIRMATION, json=OWN)
    found = (await admin.delete(CONFIRMATION)).json()
    assert (found["version"], found["is_own"]) == (2, False)
    assert found["current"] == found["default"]
    assert (found["history"][0]["body"], found["history"][1]["body"]) == (None, OWN["body"])
    assert (await admin.delete(CONFIRMATION)).json()["version"] == 2
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    assert read(notify.mail.taken[0][2])["Subject"] == "Ihr Termin am Mo., 29.03., 10:00 Uhr"


async def test_who_saw_an_older_version_overwrites_nothing(admin: Client) -> None:
    assert (await admin.put(CONFIRMATION, json=OWN | {"if_version": 0})).status_code == 200
    late = await admin.put(CONFIRMATION, json=OWN | {"subject": "Anders", "if_version": 0})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")


async def test_another_language_and_kind_keep_their_words(notify: Notify, admin: Client) -> None:
    await admin.put(CONFIRMATION, json=OWN)
    letter = a_letter(clerks=(), citizen=a_citizen(language="en"))
    await notify.tell("appointment.confirmed", letter)
    await notify.tell("appointment.moved", at_sequence(letter, 1))
    assert [read(data)["Subject"] for _, _, data in notify.mail.taken] == [
        "Your appointment on Mon 29 Mar, 10:00",
        "Your appointment has changed: Mon 29 Mar, 10:00",
    ]


@pytest.mark.parametrize(
    ("kind", "change", "field", "words"),
    [
        ("confirmation", {"body": "Guten Tag. {{visit}}"}, "body", "{{visit}} stands in a line of its own"),
        ("confirmation", {"body": "Guten Tag.\n\n{{visit}}\n{{documents}}"}, "body", "{{fee}} is missing"),
        ("confirmation", {"body": OWN["body"] + "\n\n{{nummer}}"}, "body", "{{nummer}} is not known"),
        ("confirmation", {"body": OWN["body"] + "\n\n{{paid"}, "body", "not closed"),
        ("confirmation", {"body": OWN["body"] + "\n\n<b>x</b>"}, "body", "HTML is not read"),
        ("confirmation", {"body": OWN["body"] + "\n\n![x](https://x.example/y.png)"}, "body", "images"),
        ("confirmation", {"body": OWN["body"] + "\n\n[x](http://x.example)"}, "body", "https://"),
        ("confirmation", {"body": OWN["body"] + "\n\n[x](https://a@x.example)"}, "body", "https://"),
        ("confirmation", {"body": OWN["body"] + "\n\n[x](https://x.example/{{number}})"}, "body", "https://"),
        ("confirmation", {"body": OWN["body"] + "\n\n[x](https://x.example/%22>)"}, "body", "https://"),
        ("confirmation", {"body": OWN["body"] + "\n\n[x](javascript:alert(1))"}, "body", "https://"),
        ("confirmation", {"body": OWN["body"] + "\n\nwww: https://x.example"}, "body", "written as a link"),
        ("confirmation", {"body": OWN["body"] + "\n\n{{manage_url}}"}, "body", "where a link leads"),
        ("confirmation", {"body": OWN["body"] + "\n\n# Groß"}, "body", "second level"),
        ("confirmation", {"body": OWN["body"] + "\n\n- a\n  - b"}, "body", "list within a list"),
        ("confirmation", {"body": "{{documents}}\n{{visit}}\n{{fee}}"}, "body", "first 140 characters"),
        ("confirmation", {"body": OWN["body"] + "\u202e"}, "body", "control character"),
        ("confirmation", {"subject": "Für {{name}}"}, "subject", "{{name}} is not known in the subject"),
        ("confirmation", {"subject": "A\r\nBcc: x@example.org"}, "subject", "line break"),
        ("confirmation", {"subject": "  "}, "subject", "some words"),
        ("cancelled", {"body": "Ihr Termin am {{start}} ist abgesagt."}, "body", "{{number}} is missing, or {{slot}}"),
        ("activation", {"subject": "Bitte!", "body": "Hallo {{name}}, am {{start}}."}, "body", "{{name}} is not known"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_and_named(
    admin: Client, kind: str, change: dict[str, str], field: str, words: str
) -> None:
    url = f"{LIST}/{kind}/de"
    for call in (admin.put(url, json=OWN | change), admin.post(f"{url}/preview", json=OWN | change)):
        answer = await call
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), answer.text
        assert any(error["field"] == field and words in error["message"] for error in answer.json()["errors"])
    assert (await admin.get(url)).json()["version"] == 0


@pytest.mark.parametrize("change", [{"subject": "x" * 121}, {"body": "x" * 8001}, {"colour": "red"}, {"body": None}])
async def test_size_and_fields_are_limited(admin: Client, change: dict[str, Any]) -> None:
    answer = await admin.put(CONFIRMATION, json=OWN | change)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(change)))


async def test_a_preview_is_about_nobody_and_saves_nothing(notify: Notify, admin: Client) -> None:
    answer = (await admin.post(f"{CONFIRMATION}/preview", json=OWN)).json()
    assert answer["subject"] == "Bis bald: Mo., 29.03., 10:00 Uhr"
    assert "Moin Erika Mustermann" in answer["text"]
    assert "Beispielanliegen" in answer["html"]
    assert "https://termine.example/heinsberg/impressum" in answer["html"]
    assert (await admin.get(CONFIRMATION)).json()["version"] == 0
    assert notify.mail.taken == []


async def test_only_an_admin_of_the_tenant_gets_there(notify: Notify, admin: Client) -> None:
    await configure(notify.pool, TenantsFile((msgspec.structs.replace(TENANT, slug="erkelenz"),)))
    await admin.put(CONFIRMATION, json=OWN)
    other = bearer(tenant="erkelenz")
    assert (await admin.get(CONFIRMATION, headers=other)).json()["version"] == 0
    assert not any(item["is_own"] for item in (await admin.get(LIST, headers=other)).json()["items"])
    calls = [("GET", LIST), ("GET", CONFIRMATION), ("PUT", CONFIRMATION), ("DELETE", CONFIRMATION)]
    for method, url in [*calls, ("POST", f"{CONFIRMATION}/preview")]:
        body = {"json": OWN} if method in ("PUT", "POST") else {}
        for headers, status in [
            (bearer(("clerk", "lead")), 403),
            (bearer(hours=-1), 401),
            ({"Authorization": f"Bearer {TOKEN}"}, 401),
            ({"Authorization": ""}, 401),
        ]:
            assert (await admin.request(method, url, headers=headers, **body)).status_code == status


@pytest.mark.parametrize("path", ["invite/de", "confirmation/fr", "x/de", "confirmation/..%2f..%2fx"])
async def test_no_such_mail(admin: Client, path: str) -> None:
    assert (await admin.get(f"{LIST}/{path}")).status_code == 404


async def test_no_version_can_be_changed_or_taken_away(notify_pool: Pool, admin: Client) -> None:
    await admin.put(CONFIRMATION, json=OWN)
    for change in ("UPDATE template SET body = 'x'", "DELETE FROM template"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await notify_pool.execute(change)


async def test_words_that_do_not_fit_any_more_give_way_to_the_houses(notify: Notify) -> None:
    """As after an update that knows other placeholders: the mail goes all the same."""
    await notify.pool.execute(
        "INSERT INTO template (tenant, kind, language, version, subject, body, created_at, created_by)"
        " VALUES ('heinsberg', 'confirmation', 'de', 1, 'Alt', '{{forgotten}}', $1, 'x')",
        NOW,
    )
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    assert read(notify.mail.taken[0][2])["Subject"] == "Ihr Termin am Mo., 29.03., 10:00 Uhr"
