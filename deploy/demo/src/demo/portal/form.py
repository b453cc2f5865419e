"""The order form: what was typed, and what is wrong with it."""

import re
from uuid import UUID

from demo.portal.orders import Parcel
from kit.ids import uuid7

SAMPLE = {"district": "Heinsberg", "field": "12", "plot": "345/6"}


def read_parcel(form: dict[str, str]) -> tuple[Parcel | None, dict[str, str]]:
    """The parcel, or the errors: field's name → key of the text."""
    district = " ".join(form.get("district", "").split())
    field, plot = form.get("field", "").strip(), form.get("plot", "").replace(" ", "")
    errors = {}
    if not 2 <= len(district) <= 60:
        errors["district"] = "order.error.district"
    if not re.fullmatch(r"[1-9]\d{0,2}", field, re.ASCII):
        errors["field"] = "order.error.field"
    if not re.fullmatch(r"[1-9]\d{0,4}(/[1-9]\d{0,3})?", plot, re.ASCII):
        errors["plot"] = "order.error.plot"
    return (None, errors) if errors else (Parcel(district, int(field), plot), {})


def read_order_id(form: dict[str, str]) -> UUID:
    """Made with the empty form, so that a double-click is one order; a new one where it is missing or odd."""
    try:
        return UUID(form.get("order", ""))
    except ValueError:
        return uuid7()
