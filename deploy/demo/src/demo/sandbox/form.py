"""Stripe's form bodies: `line_items[0][price_data][currency]=eur` as nested dictionaries and lists."""

import re
from typing import Any
from urllib.parse import parse_qsl

_KEY = re.compile(r"([^\[\]]+)|\[([^\[\]]*)\]")


class Contradiction(Exception):
    """A name stands for a value and for something that holds values."""


def decode_form(content: str) -> dict[str, Any]:
    """All values stay text. Raises Contradiction with the first part of the name."""
    root: dict[str, Any] = {}
    for key, value in parse_qsl(content, keep_blank_values=True):
        parts = [plain or bracketed for plain, bracketed in _KEY.findall(key)]
        _put(root, parts or [key], value)
    return {key: _lists(value) for key, value in root.items()}


def _put(root: dict[str, Any], parts: list[str], value: str) -> None:
    place = root
    for part in parts[:-1]:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise Contradiction(parts[0])
    if isinstance(place.get(parts[-1]), dict):
        raise Contradiction(parts[0])
    place[parts[-1] or str(len(place))] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    items = {key: _lists(item) for key, item in value.items()}
    if items and all(key.isdigit() for key in items):
        return [items[key] for key in sorted(items, key=int)]
    return items
