"""Notify's events as both sides read them."""

import msgspec
from tests.contracts.reading import GOLDEN

from contracts.notify import DeliveryEvent

WRITTEN = (GOLDEN / "notify_delivery.json").read_bytes()


def test_what_is_read_is_written_again_alike() -> None:
    read = msgspec.json.decode(WRITTEN, type=DeliveryEvent)
    assert msgspec.json.decode(msgspec.json.encode(read)) == msgspec.json.decode(WRITTEN)


def test_readers_tolerate_what_they_do_not_know() -> None:
    newer = msgspec.json.decode(WRITTEN) | {"since_then": "a new field"}
    assert msgspec.convert(newer, DeliveryEvent, strict=False).type == "notify.delivery.failed"
