import tomllib
from pathlib import Path
from typing import Any

import payment

LOCALE = Path(payment.__path__[0]) / "web/locale"


def keys(table: dict[str, Any], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in table.items():
        found |= keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}"}
    return found


def test_both_languages_have_the_same_texts() -> None:
    german, english = (tomllib.loads((LOCALE / f"{code}.toml").read_text("utf-8")) for code in ("de", "en"))
    assert keys(german) == keys(english)
