"""The report: the council's questions as JSON and as a table; who may read it."""

from datetime import date
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.sample import PERSO, TENANT, service_id
from tests.booking.support.life import Life, at
from tests.booking.support.staff import staff_headers

from booking.domain.statistics.cells import CellKey, Figure
from booking.store.statistics import add_counts
from booking.usecases.fold_statistics import fold_statistics
from kit.sql import Pool

pytestmark = pytest.mark.usefixtures("town")

Client = AsyncTestClient[Litestar]
PATH = "/v1/staff/statistics"


async def count(pool: Pool, day: str, measure: str, *rows: tuple[str, str, int] | tuple[str, str, int, int]) -> None:
    cells = {CellKey(date.fromisoformat(day), measure, row[0], row[1]): Figure(*row[2:]) for row in rows}
    async with pool.acquire() as connection:
        await add_counts(connection, TENANT, cells)


@pytest.fixture
async def year(booking_pool: Pool) -> None:
    via = "booked_via"
    await count(
        booking_pool,
        "2026-03-02",
        "bookings",
        ("", "", 40, 200),
        (via, "online", 30),
        (via, "phone", 8),
        (via, "counter", 2),
    )
    await count(booking_pool, "2026-04-07", "bookings", ("", "", 60, 120), (via, "online", 50), (via, "phone", 10))
    await count(
        booking_pool,
        "2026-04-07",
        "payments",
        ("", "", 20, 92000),
        ("method", "online", 15, 69000),
        ("method", "counter", 5, 23000),
    )
    await count(booking_pool, "2026-04-07", "completed", ("", "", 45), (via, "online", 45))
    await count(booking_pool, "2026-04-07", "no_shows", ("", "", 5), (via, "online", 5))
    await count(booking_pool, "2026-04-07", "visits", ("", "", 50, 900), ("hour", "08", 50, 900))
    await count(booking_pool, "2026-04-07", "capacity", ("", "", 4, 1200))
    await count(booking_pool, "2026-04-07", "moves", ("", "", 6), ("by", "citizen", 6))
    await count(booking_pool, "2026-04-07", "cancellations", ("", "", 10), ("by", "citizen", 10))
    await count(booking_pool, "2026-04-07", "items", ("", "", 70, 84), ("service", str(service_id(PERSO)), 70, 84))
    await count(booking_pool, "2025-12-30", "bookings", ("", "", 7, 7), (via, "online", 7))


async def report(client: Client, **query: Any) -> Any:
    answer = await client.get(PATH, params=query, headers=staff_headers("lead"))
    assert answer.status_code == 200, answer.text
    return answer.json()


def figures(report: Any) -> dict[tuple[str, str, str], int | None]:
    return {(item["period"], item["measure"], item["category"]): item["count"] for item in report["items"]}


@pytest.mark.usefixtures("year")
async def test_the_seven_questions_are_answered(booking_client: Client) -> None:
    found = await report(booking_client, yearly_cost_cents=1200000)
    assert found["services"] == {"offered": 4, "online": 1, "bookable": 3, "payable_online": 2}
    shown = figures(found)
    assert (shown["all", "bookings", ""], shown["2026", "bookings", ""], shown["2026-04", "bookings", ""]) == (
        107,
        100,
        60,
    )
    assert shown["2026-04", "payments", "online"] == 15
    rates = {(rate["period"], rate["name"]): rate["value"] for rate in found["rates"]}
    assert rates["2026-04", "online_share"] == 0.8333
    assert rates["2026-04", "no_show_rate"] == 0.1
    assert rates["2026-04", "utilisation"] == 0.75
    assert rates["2026-04", "online_payment_share"] == 0.75
    assert rates["2026-04", "lead_days_mean"] == 2.0
    assert rates["2026-03", "no_show_rate"] is None
    relief = {one["period"]: one for one in found["relief"]}
    assert relief["2026-04"]["minutes"] == 50 * 6 + 15 * 3 + 16 * 4
    assert relief["2026"]["cost_cents_per_transaction"] == round(1200000 / (80 + 15), 2)
    assert relief["2026-04"]["cost_cents_per_transaction"] is None
    assert "online_bookings × booking_min" in found["formulas"]["relief"]
    named = next(item for item in found["items"] if item["category"] == str(service_id(PERSO)))
    assert named["name"] == PERSO


@pytest.mark.usefixtures("year")
async def test_a_small_count_is_hidden_with_a_second_one(booking_client: Client) -> None:
    shown = figures(await report(booking_client))
    assert shown["2026-03", "bookings", "counter"] is None
    assert shown["2026-03", "bookings", "phone"] is None  # else it were 40 - 30 - 8
    assert shown["2026-03", "bookings", "online"] == 30
    assert shown["2026", "bookings", "counter"] is None
    assert shown["2026", "bookings", "phone"] is None
    assert shown["2026-04", "bookings", "phone"] == 10  # says nothing: the year's are hidden
    text = (await booking_client.get(PATH, headers=staff_headers("lead"))).text
    assert '"count":2,' not in text


async def test_what_is_hidden_though_it_is_nothing_is_listed(booking_client: Client, booking_pool: Pool) -> None:
    """Five services asked for once each: if the sixth were missing, the sum would say so."""
    five = [("service", name, 1) for name in "abcde"]
    await count(booking_pool, "2026-04-07", "items", ("", "", 5), *five)
    await count(booking_pool, "2026-05-05", "items", ("", "", 20), ("service", "f", 20))
    shown = figures(await report(booking_client))
    assert shown["2026-04", "items", ""] == 5
    assert [shown["2026-04", "items", name] for name in "abcdef"] == [None] * 6


@pytest.mark.usefixtures("year")
async def test_periods_are_chosen_and_totals_stay_the_same(booking_client: Client) -> None:
    march = figures(await report(booking_client, **{"from": "2026-03-15", "to": "2026-03-20"}))
    assert {period for period, _, _ in march} == {"all", "2026", "2026-03"}
    years = figures(await report(booking_client, by="year"))
    assert {period for period, _, _ in years} == {"all", "2025", "2026"}
    days = figures(await report(booking_client, by="day", **{"from": "2026-04-01", "to": "2026-04-30"}))
    assert days["2026-04-07", "bookings", ""] == 60
    assert march["all", "bookings", ""] == years["all", "bookings", ""] == days["all", "bookings", ""]


async def table(client: Client, **query: Any) -> tuple[Any, list[list[str]]]:
    answer = await client.get(f"{PATH}.csv", params=query, headers=staff_headers("lead"))
    assert answer.status_code == 200, answer.text
    return answer, [line.split(";") for line in answer.content.decode("utf-8-sig").split("\r\n")]


@pytest.mark.usefixtures("year")
async def test_a_table_for_spreadsheets(booking_client: Client) -> None:
    answer, lines = await table(booking_client, yearly_cost_cents=1200000, change_min=5)
    assert answer.content.startswith("\ufeff".encode())
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statistik-2025-12-01-2026-11-23.csv"'
    assert lines[0] == ["period", "measure", "breakdown", "category", "words", "count", "amount", "unit"]
    for line in (
        "today;services;;online;Leistungen im Angebot: online;1;;",
        "2026-04;payments;method;counter;Bezahlte Gebühren, Zahlungsweg: am Schalter;5;23000;cents",
        "2026-03;bookings;booked_via;counter;Gebuchte Termine, Buchungsweg: am Schalter;*;;days",
        f"2026-04;items;service;{service_id(PERSO)};Gebuchte Anliegen, Leistung: {PERSO};70;84;pieces",
        "2026-04;online_share;;;Anteil der online gebuchten Termine;;0,8333;share",
        f"2026-04;relief;;;Entlastung des Personals;;{50 * 6 + 15 * 3 + 16 * 5};minutes",
        "2026;cost_per_transaction;;;Kosten je Buchung oder Zahlung;;12631,58;cents",
    ):
        assert line.split(";") in lines
    _, english = await table(booking_client, language="en")
    assert ["2026-04", "online_share", "", "", "Share of appointments booked online", "", "0,8333", "share"] in english


@pytest.mark.usefixtures("year")
async def test_no_name_runs_a_formula(booking_client: Client, booking_pool: Pool) -> None:
    """Every cell is a number, or text that no spreadsheet takes for a formula."""
    await booking_pool.execute("UPDATE service SET name = '=cmd|''calc''!A0' WHERE id = $1", service_id(PERSO))
    _, lines = await table(booking_client)
    assert any("=cmd|'calc'!A0" in cell for line in lines for cell in line)
    assert not [cell for line in lines for cell in line if cell[:1] in {"=", "+", "-", "@", "\t"}]


async def test_nothing_counted_is_an_empty_report(booking_client: Client) -> None:
    found = await report(booking_client, by="day")
    assert found["items"] == []
    assert all(rate["value"] is None for rate in found["rates"])


@pytest.mark.usefixtures("year")
async def test_what_is_no_question_is_refused(booking_client: Client) -> None:
    for query, field in (
        ({"from": "soon"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "2026-03-01", "to": "2026-02-01"}, "to"),
        ({"by": "week"}, "by"),
        ({"booking_min": -1}, "booking_min"),
        ({"yearly_cost_cents": 10**30}, "yearly_cost_cents"),
        ({"by": "day"}, "from"),
    ):
        for path in (PATH, f"{PATH}.csv"):
            answer = await booking_client.get(path, params=query, headers=staff_headers("lead"))
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field), query


async def test_leads_and_admins_alone_read_it(booking_client: Client) -> None:
    for path in (PATH, f"{PATH}.csv"):
        assert (await booking_client.get(path)).status_code == 401
        assert (await booking_client.get(path, headers=staff_headers("clerk"))).status_code == 403
        assert (await booking_client.get(path, headers=staff_headers("admin"))).status_code == 200
        assert (await booking_client.get(path, headers=staff_headers("lead", tenant="nowhere"))).status_code == 404


async def test_what_the_worker_counts_is_in_the_report(life: Life, booking_client: Client) -> None:
    for number in range(6):
        await life.confirm(await life.hold(at(f"08:{15 * (number // 2):02}")), "counter")
    await fold_statistics(life.pool)
    items = [item for item in (await report(booking_client))["items"] if item["measure"] == "bookings"]
    assert {
        "period": "2026-11",
        "measure": "bookings",
        "breakdown": "booked_via",
        "category": "online",
        "name": "online",
        "count": 6,
        "amount": 12,
        "unit": "days",
    } in items
    assert {item["count"] for item in items} == {6}


@pytest.mark.usefixtures("year")
async def test_another_tenant_s_figures_are_its_own(booking_client: Client, booking_pool: Pool) -> None:
    await booking_pool.execute(
        "INSERT INTO tenant (slug, profile) SELECT 'other', profile || '{\"slug\": \"other\"}' FROM tenant"
    )
    answer = await booking_client.get(PATH, headers=staff_headers("lead", tenant="other"))
    assert (answer.json()["items"], answer.json()["services"]["offered"]) == ([], 0)
