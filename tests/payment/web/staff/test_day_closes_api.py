import hashlib
from base64 import b64decode
from datetime import timedelta

from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till
from tests.payment.web.desk import local_day, paid, treasurer

URL = "/v1/staff/day-closes"


async def test_a_day_is_closed_listed_and_fetched(till: Till, clock: Clock) -> None:
    day = clock().date() - timedelta(days=1)
    made = await till.app.post(URL, json={"day": str(day)}, headers=treasurer(clock))
    assert made.status_code == 201, made.text
    closed = made.json()
    assert (closed["number"], closed["day"], closed["totals"]["net_cents"]) == (1, str(day), 0)
    assert closed["lines"] == 0
    assert closed["closed_by"] == "staff:carla"
    listed = (await till.app.get(URL, headers=treasurer(clock))).json()
    assert listed == {"items": [closed], "next_cursor": None}
    file = await till.app.get(f"{URL}/1.csv", headers=treasurer(clock))
    assert file.headers["content-type"].startswith("text/csv")
    assert f"tagesabschluss-heinsberg-1-{day}.csv" in file.headers["content-disposition"]
    digest = hashlib.sha256(file.content).digest()
    assert digest.hex() == closed["export_sha256"]
    assert b64decode(file.headers["repr-digest"].removeprefix("sha-256=:").removesuffix(":")) == digest
    assert file.text.startswith("\ufeffBuchung;Position;Kassenzeichen;Datum;")


async def test_an_unbalanced_day_says_what_is_in_the_way(till: Till, clock: Clock) -> None:
    payment = await paid(till)
    refused = await till.app.post(URL, json={"day": local_day(clock)}, headers=treasurer(clock))
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["errors"][0]["field"]) == (409, "day_not_balanced", "entries")
    assert payment["treasury_reference"] in problem["errors"][0]["message"]


async def test_bad_input_is_refused(till: Till, clock: Clock) -> None:
    ahead = str(clock().date() + timedelta(days=2))
    for body in ({"day": ahead}, {"day": "heute"}, {}, {"day": "2026-01-01", "more": 1}):
        assert (await till.app.post(URL, json=body, headers=treasurer(clock))).status_code == 400
    for file in ("1.csv", "1", "x.csv", "-1.csv", "99999999999999999999.csv", "²,.csv"):
        assert (await till.app.get(f"{URL}/{file}", headers=treasurer(clock))).status_code == 404
    assert (await till.app.get(f"{URL}?cursor=99999999999", headers=treasurer(clock))).status_code == 400


async def test_only_the_towns_own_treasurers(till: Till, clock: Clock) -> None:
    day = {"day": str(clock().date() - timedelta(days=1))}
    await till.app.post(URL, json=day, headers=treasurer(clock))
    clerk, stranger = treasurer(clock, "anna", role="clerk"), treasurer(clock, "otto", tenant="erkelenz")
    assert (await till.app.post(URL, json=day, headers=clerk)).status_code == 403
    assert (await till.app.post(URL, json=day)).status_code == 401
    for path in (URL, f"{URL}/1.csv"):
        assert (await till.app.get(path, headers=clerk)).status_code == 403
        assert (await till.app.get(path)).status_code == 401
    assert (await till.app.get(f"{URL}/1.csv", headers=stranger)).status_code == 404
    assert (await till.app.get(URL, headers=stranger)).json()["items"] == []
