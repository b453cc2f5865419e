import tomllib
from pathlib import Path
from typing import Any, get_args

import payment
from payment.domain.refund import RefundState

LOCALE = Path(payment.__path__[0]) / "web/locale"


def keys(table: dict[str, Any], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in table.items():
        found |= keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}"}
    return found


def test_both_languages_have_the_same_texts() -> None:
    german, english = (tomllib.loads((LOCALE / f"{code}.toml").read_text("utf-8")) for code in ("de", "en"))
    assert keys(german) == keys(english)


def test_every_state_of_a_refund_is_told_in_words() -> None:
    timeline = tomllib.loads((LOCALE / "de.toml").read_text("utf-8"))["timeline"]
    assert set(timeline["refund"]) == set(timeline["refund_note"]) == set(get_args(RefundState))
