import re
import tomllib
from pathlib import Path

import pytest
from litestar.testing import RequestFactory

from kit.web.language import Languages, _flatten

ROOT = Path(__file__).parents[3]
FOLDERS = sorted(
    {
        file.parent
        for base in ("shared/src", "services", "deploy/demo/src")
        for file in (ROOT / base).rglob("locale/*.toml")
    }
)


DATE = {"day", "month", "month_name", "month_short", "weekday", "weekday_short", "year"}
"""Each language writes dates in its own way."""


def blanks(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)", text)) - DATE


def texts(file: Path) -> dict[str, str]:
    return _flatten(tomllib.loads(file.read_text("utf-8")))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_all_languages_have_the_same_keys_and_the_same_blanks(folder: Path) -> None:
    german = texts(folder / "de.toml")
    for file in folder.glob("*.toml"):
        other = texts(file)
        assert other.keys() == german.keys(), file.name
        for key, text in german.items():
            assert blanks(text) == blanks(other[key]), f"{file.name} {key}"


@pytest.mark.parametrize(
    ("query", "cookie", "header", "chosen"),
    [
        ("", "", "", "de"),
        ("", "", "en-GB,de;q=0.8", "en"),
        ("", "", "fr, de;q=0.3, en;q=0.7", "en"),
        ("", "de", "en", "de"),
        ("en", "de", "de", "en"),
        ("xx", "", "en;q=0, de", "de"),
        ("", "", "%%%;;q=1.2.3", "de"),
    ],
)
def test_the_address_goes_before_the_cookie_before_the_browser(
    query: str, cookie: str, header: str, chosen: str
) -> None:
    request = RequestFactory().get(
        "/",
        query_params={"lang": query} if query else {},
        headers={"Accept-Language": header, "Cookie": f"schalter_language={cookie}"},
    )
    assert Languages(["kit.web"]).choose(request).code == chosen


def test_a_missing_text_names_its_key() -> None:
    with pytest.raises(KeyError, match=r"no\.such\.key"):
        Languages(["kit.web"]).get("de")("no.such.key")
