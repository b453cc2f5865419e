"""Stripe's form bodies: `line_items[0][price_data][currency]=eur` as nested dictionaries and lists."""

import re
from typing import Any
from urllib.parse import parse_qsl

_KEY = re.compile(r"([^\[\]]+)|\[([^\[\]]*)\]")


def decode_form(content: str) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for key, value in parse_qsl(content, keep_blank_values=True):
        parts = [plain or bracketed for plain, bracketed in _KEY.findall(key)]
        place = root
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1] or str(len(place))] = value
    return {key: _lists(value) for key, value in root.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    items = {key: _lists(item) for key, item in value.items()}
    if items and all(key.isdigit() for key in items):
        return [items[key] for key in sorted(items, key=int)]
    return items
