"""Where a value of a TOML file stands."""

from pathlib import Path

import pytest

import demo
from booking.domain.toml_lines import line_of, toml_lines

TEXT = '''# offices
[hours.town_hall]
mon = ["08:00-12:00"]

[[office]]
unit = "A"
clerks = [
  { name = "One" },
  # nobody
  { name = "Two" },
]

[[office]]
unit = """
B"""
accounting = { produkt = "1" }
[[office.closure]]
day = 2026-01-01
[[office.closure]]
"a.b" . c = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("hours", "town_hall"), 2),
        (("hours", "town_hall", "mon", 0), 3),
        (("office", 0), 5),
        (("office", 0, "unit"), 6),
        (("office", 0, "clerks"), 7),
        (("office", 0, "clerks", 1, "name"), 10),
        (("office", 1), 13),
        (("office", 1, "unit"), 14),
        (("office", 1, "accounting"), 16),
        (("office", 1, "closure", 0, "day"), 18),
        (("office", 1, "closure", 1, "a.b", "c"), 20),
        (("office", 1, "closure", 1, "missing"), 19),
        (("nowhere",), 1),
    ],
)
def test_each_value_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert line_of(toml_lines(TEXT), path) == line


def test_half_a_file_has_lines_as_far_as_it_goes() -> None:
    assert toml_lines('a = 1\nb = [\n"') == {("a",): 1}


def test_every_clerk_of_the_demo_is_found() -> None:
    text = (Path(demo.__file__).parent / "seed/offices.toml").read_text()
    lines = toml_lines(text)
    rows = text.splitlines()
    clerks = [line for path, line in lines.items() if path[:1] == ("office",) and len(path) == 4]
    assert len(clerks) == text.count("email = ")
    assert all("email = " in rows[line - 1] for line in clerks)
