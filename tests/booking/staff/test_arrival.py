"""Arrival by a scanned number, and the posters."""

from uuid import uuid4

from tests.booking.sample import TENANT
from tests.booking.support.desk import Desk
from tests.booking.support.life import at


async def test_a_scanned_number_is_checked_in(desk: Desk) -> None:
    access = await desk.life.hold()
    view = await desk.life.confirm(access, "counter")
    desk.clock.now = at("06:00")
    answer = await desk.post("/check-ins", {"number": view.number})
    assert (answer.status_code, answer.json()["state"], answer.json()["number"]) == (200, "checked_in", view.number)
    assert answer.json()["history"][-1]["actor"] == "staff:anna.claessen"
    for number in ("AAAA-BBBB", "%", "\u0000"):
        assert (await desk.post("/check-ins", {"number": number})).status_code == 404
    foreign = await desk.post("/check-ins", {"number": view.number}, token=desk.token("clerk", tenant="otherstadt"))
    assert foreign.status_code == 404
    assert (await desk.post("/check-ins", {"number": view.number}, token=desk.token("admin"))).status_code == 403


async def test_a_poster_says_where_it_hangs(desk: Desk) -> None:
    (place,) = (await desk.get("/locations")).json()["items"]
    assert place["arrival_url"].endswith(f"/{TENANT}/ankunft/{place['arrival_code']}")
    poster = await desk.get(f"/locations/{place['id']}/poster.svg")
    assert (poster.status_code, poster.headers["content-type"]) == (200, "image/svg+xml")
    assert poster.content.startswith(b"<?xml")
    assert (await desk.get(f"/locations/{uuid4()}/poster.svg")).status_code == 404
    poster_path = f"/locations/{place['id']}/poster.svg"
    for path, status in (("/locations", 200), (poster_path, 403)):  # who writes rules must know the places
        assert (await desk.get(path, desk.token("admin"))).status_code == status
        assert (await desk.client.get(f"/v1/staff{path}")).status_code == 401
