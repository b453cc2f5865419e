"""`/v1/staff/rules…`, `/conflicts` and `/slot-explanations`, as a lead's or clerk's program calls them."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.sample import PERSO, service_id
from tests.booking.support.callers import Callers, code_of
from tests.booking.support.life import Life, at
from tests.booking.support.rules import HALL, change, lane_of

from booking.domain.configuration import id_for
from booking.domain.rule_edits import add_closure
from booking.domain.rule_set import Closure
from booking.usecases.configure import configure
from kit.sql import Pool

pytestmark = pytest.mark.usefixtures("town")
MORNING = {"location_id": str(HALL), "rules": [{"weekday": "wed", "opens": "09:00", "closes": "12:00"}]}
OUTING = {"location_id": str(HALL), "first_day": "2026-11-25", "reason": "Betriebsausflug"}
QUESTION = {"items": [{"service_id": str(service_id(PERSO))}], "start": "2026-11-25T12:00:00+01:00"}
REGISTRATION = [
    {"weekday": "mon", "opens": "07:30", "closes": "12:00"},
    {"weekday": "mon", "opens": "13:30", "closes": "15:00"},
    {"weekday": "sat", "opens": "09:00", "closes": "12:00", "nth": 1},
    {"weekday": "fri", "opens": "13:00", "closes": "15:00", "nth": -1, "audience": "internal"},
    {"weekday": "tue", "opens": "14:00", "closes": "18:00", "every_weeks": 2, "anchor": "2026-12-01"},
    {"weekday": "thu", "opens": "08:00", "closes": "18:00", "school_holidays": "not_in_school_holidays"},
    {"weekday": "fri", "opens": "22:00", "closes": "02:00", "first_day": "2026-12-01", "last_day": "2026-12-31"},
    {"weekday": "sun", "opens": "20:00", "closes": "24:00"},
]


async def test_a_county_s_vehicle_registration_can_be_said_and_read_again(callers: Callers) -> None:
    answer = await callers.staff(
        "PUT", "rules/opening", {"location_id": str(HALL), "rules": REGISTRATION, "note": "Samstags"}
    )
    assert answer.status_code == 200, answer.text
    rules = (await callers.staff("GET", "rules")).json()
    (place,) = rules["opening"]
    defaults = {"every_weeks": 1, "anchor": None, "nth": None, "first_day": None, "last_day": None,
                "school_holidays": "always", "audience": "public"}  # fmt: skip
    assert (place["location_id"], place["lane_id"]) == (str(HALL), None)
    order = ("weekday", "opens")
    assert sorted(place["rules"], key=lambda rule: [rule[name] for name in order]) == sorted(
        [defaults | rule for rule in REGISTRATION], key=lambda rule: [rule[name] for name in order]
    )
    again = await callers.staff("PUT", "rules/opening", place)
    assert again.json()["version"] == rules["version"] == 2


async def test_the_history_says_who_when_and_what(callers: Callers, clock: SetClock) -> None:
    await callers.staff("PUT", "rules/opening", MORNING | {"note": "Mehr Ruhe"}, subject="lea")
    clock.advance(hours=1)
    await callers.staff("POST", "rules/closures", OUTING, roles=("admin",), subject="ada")
    history = (await callers.staff("GET", "rules/versions")).json()
    assert [(item["version"], item["changed_by"], item["note"]) for item in history["items"]] == [
        (3, "staff:ada", ""), (2, "staff:lea", "Mehr Ruhe"), (1, "configure", "")
    ]  # fmt: skip
    second = (await callers.staff("GET", "rules/versions/2")).json()
    assert [rule["opens"] for place in second["added"]["opening"] for rule in place["rules"]] == ["09:00"]
    assert len(second["removed"]["opening"][0]["rules"]) == 5
    third = (await callers.staff("GET", "rules/versions/3")).json()
    assert third["added"]["closures"][0]["reason"] == "Betriebsausflug"
    assert third["removed"] == {"opening": [], "exceptions": [], "closures": [], "customs": []}
    first = (await callers.staff("GET", "rules?version=1")).json()
    assert {custom["custom"] for custom in first["customs"]} == {
        "weiberfastnacht",
        "rosenmontag",
        "heiligabend",
        "silvester",
    }
    assert code_of(await callers.staff("GET", "rules?version=9")) == (404, "not_found")
    assert code_of(await callers.staff("GET", "rules/versions/9")) == (404, "not_found")
    assert (await callers.staff("GET", "rules/versions?cursor=2")).json()["items"][0]["version"] == 1


async def test_a_dry_run_foresees_and_the_change_does_it(callers: Callers, life: Life) -> None:
    await life.confirm(await life.hold(at("08:00")), payment="counter")
    foreseen = (await callers.staff("PUT", "rules/opening", MORNING | {"dry_run": True})).json()
    assert (await callers.staff("GET", "rules")).json()["version"] == 1
    came = (await callers.staff("PUT", "rules/opening", MORNING)).json()
    assert (foreseen["dry_run"], came["dry_run"]) == (True, False)
    assert foreseen["days"] == came["days"]
    assert foreseen["conflicts"] == came["conflicts"]
    (conflict,) = came["conflicts"]
    assert conflict["lane"].startswith("Clerk ")
    assert conflict["cause"] == "opening_hours"
    assert came["days"][0] | {"lanes": 4} == came["days"][0]
    perso = next(item for item in foreseen["earliest"] if item["service"] == PERSO)
    assert (perso["before"], perso["after"]) == ("2026-11-23T10:00:00+01:00", "2026-11-25T09:00:00+01:00")


async def test_closures_and_exceptions_come_and_go(callers: Callers) -> None:
    await callers.staff("POST", "rules/closures", OUTING)
    day = {
        "location_id": str(HALL),
        "day": "2026-11-26",
        "hours": [{"opens": "14:00", "closes": "18:00"}],
        "reason": "Wahl",
    }
    await callers.staff("PUT", "rules/exceptions", day)
    rules = (await callers.staff("GET", "rules")).json()
    (closure,), (exception,) = rules["closures"], rules["exceptions"]
    assert closure | OUTING == closure
    assert exception["hours"] == [{"opens": "14:00", "closes": "18:00", "audience": "public"}]
    assert (await callers.staff("DELETE", f"rules/closures/{closure['id']}?dry_run=true")).status_code == 200
    for path in (f"closures/{closure['id']}", f"exceptions/{exception['id']}"):
        assert (await callers.staff("DELETE", f"rules/{path}")).status_code == 200
        assert code_of(await callers.staff("DELETE", f"rules/{path}")) == (404, "not_found")
    rules = (await callers.staff("GET", "rules")).json()
    assert rules["closures"] == rules["exceptions"] == []


async def test_a_version_is_restored(callers: Callers) -> None:
    await callers.staff("PUT", "rules/customs", {"customs": [{"custom": "silvester", "closed_from": "12:00"}]})
    assert len((await callers.staff("GET", "rules")).json()["customs"]) == 1
    answer = await callers.staff("POST", "rules/restorations", {"version": 1})
    assert answer.json()["version"] == 3
    assert len((await callers.staff("GET", "rules")).json()["customs"]) == 4
    assert code_of(await callers.staff("POST", "rules/restorations", {"version": 77})) == (404, "not_found")


async def test_the_same_request_again(callers: Callers) -> None:
    answers = [(await callers.staff("POST", "rules/closures", OUTING, key="same")).json() for _ in range(2)]
    assert answers[0] == answers[1]
    other = await callers.staff("POST", "rules/closures", OUTING | {"reason": "Umzug"}, key="same")
    assert code_of(other) == (409, "idempotency_key_reused")
    twice = await callers.staff("POST", "rules/closures", OUTING)
    assert code_of(twice) == (400, "invalid_request")
    stale = await callers.staff("PUT", "rules/opening", MORNING | {"if_version": 1})
    assert code_of(stale) == (409, "conflict")


def with_rule(**rule: Any) -> dict[str, Any]:
    return MORNING | {"rules": [{"weekday": "mon", "opens": "08:00", "closes": "12:00"} | rule]}


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "opening", with_rule(every_weeks=2), "rules[0].anchor"),
        ("PUT", "opening", with_rule(anchor="2026-11-23"), "rules[0].anchor"),
        ("PUT", "opening", with_rule(every_weeks=53, anchor="2026-11-23"), "rules[0].every_weeks"),
        ("PUT", "opening", with_rule(closes="08:00"), "rules[0].closes"),
        ("PUT", "opening", with_rule(opens="24:00"), "rules[0].opens"),
        ("PUT", "opening", with_rule(opens="08:03"), "rules[0].opens"),
        ("PUT", "opening", with_rule(nth=6), "rules[0].nth"),
        ("PUT", "opening", with_rule(first_day="2026-11-23", last_day="2026-11-22"), "rules[0].last_day"),
        ("PUT", "opening", with_rule(last_day="9999-12-31"), "rules[0].last_day"),
        ("PUT", "opening", MORNING | {"location_id": str(uuid4())}, "location_id"),
        ("PUT", "opening", MORNING | {"lane_id": 999}, "lane_id"),
        ("PUT", "exceptions", {"location_id": str(HALL), "day": "1999-12-31", "hours": []}, "day"),
        ("PUT", "exceptions", {"location_id": str(HALL), "day": "2026-12-01",
                               "hours": [{"opens": "08:00", "closes": "08:00"}]}, "hours[0].closes"),
        ("POST", "closures", OUTING | {"closed_from": "12:00", "closed_to": "11:00"}, "closed_to"),
        ("POST", "closures", OUTING | {"last_day": "2028-11-25"}, "last_day"),
        ("POST", "closures", OUTING | {"reason": ""}, "reason"),
        ("POST", "closures", OUTING | {"location_id": str(uuid4())}, "location_id"),
        ("PUT", "customs", {"customs": [{"custom": "silvester"}, {"custom": "silvester"}]}, "customs"),
        ("PUT", "customs", {"customs": [{"custom": "kirmes"}]}, "customs[0].custom"),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_by_its_field(
    callers: Callers, method: str, path: str, body: Any, field: str
) -> None:
    answer = await callers.staff(method, f"rules/{path}", body)
    assert code_of(answer) == (400, "invalid_request"), answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await callers.staff("GET", "rules")).json()["version"] == 1


# --- conflicts and explanations ------------------------------------------------------------------------------------


async def test_conflicts_are_listed_and_go(callers: Callers, life: Life) -> None:
    accesses = [await life.hold(at(clock)) for clock in ("08:00", "08:30")]
    for access in accesses:
        await life.confirm(access, payment="counter")
    await change(life, add_closure(Closure(HALL, at("08:00").date(), reason="Betriebsausflug")))
    found = (await callers.staff("GET", "conflicts", roles=("clerk",))).json()
    assert [item["appointment_id"] for item in found["items"]] == [str(access.appointment_id) for access in accesses]
    first = found["items"][0]
    assert (first["cause"], first["detail"], first["appointment_state"]) == ("closure", "Betriebsausflug", "confirmed")
    assert first["lane"].startswith("Clerk ")
    assert first["resolved_at"] is None
    assert (await callers.citizen("POST", accesses[0], "/cancellation")).status_code == 200
    open_ones, resolved, all_ = [
        (await callers.staff("GET", f"conflicts?state={state}")).json()["items"]
        for state in ("open", "resolved", "all")
    ]
    assert [item["appointment_id"] for item in open_ones] == [str(accesses[1].appointment_id)]
    assert [item["appointment_id"] for item in resolved] == [str(accesses[0].appointment_id)]
    assert resolved[0]["appointment_state"] == "cancelled_by_citizen"
    assert len(all_) == 2


async def test_a_clerk_keeps_a_visit_as_it_stands(callers: Callers, life: Life) -> None:
    await life.confirm(await life.hold(at("08:00")), payment="counter")
    await change(life, add_closure(Closure(HALL, at("08:00").date())))
    (conflict,) = (await callers.staff("GET", "conflicts")).json()["items"]
    path = f"conflicts/{conflict['id']}/acceptance"
    assert (await callers.staff("POST", path, roles=("clerk",), subject="kai")).status_code == 204
    (kept,) = (await callers.staff("GET", "conflicts?state=resolved")).json()["items"]
    assert kept["accepted_by"] == "staff:kai"
    assert kept["resolved_at"]
    assert code_of(await callers.staff("POST", path, tenant="nachbarstadt")) == (404, "not_found")


async def test_conflicts_come_in_pages(callers: Callers, life: Life) -> None:
    access = await life.hold(at("08:00"))
    await change(life, add_closure(Closure(HALL, at("08:00").date())))
    await life.pool.execute(
        "INSERT INTO conflict (id, tenant, appointment_id, lane_id, starts_at, ends_at, cause, found_at, resolved_at)"
        " SELECT gen_random_uuid(), tenant, appointment_id, lane_id, starts_at - n * interval '1 min', ends_at, cause,"
        " found_at, found_at FROM conflict, generate_series(1, 119) n WHERE appointment_id = $1", access.appointment_id,
    )  # fmt: skip
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await callers.staff("GET", f"conflicts?state=all{cursor}")).json()
        seen += [item["start"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == 120
    assert seen == sorted(seen)
    assert code_of(await callers.staff("GET", "conflicts?cursor=AAAA")) == (400, "invalid_request")


async def test_a_slot_is_explained(callers: Callers) -> None:
    answer = (await callers.staff("POST", "slot-explanations", QUESTION, roles=("clerk",))).json()
    assert not answer["is_offered"]
    by_name = {lane["name"]: lane for lane in answer["lanes"]}
    assert by_name["Clerk 0"]["code"] == "opening_hours"
    assert by_name["Clerk 0"]["why"] == {
        "de": "Außerhalb der Öffnungszeiten dieses Tages: 08:00–12:00.",
        "en": "Outside that day's opening hours: 08:00–12:00.",
    }
    assert by_name["Registrar"]["code"] == "skill_missing"
    body = QUESTION | {"start": "2026-11-25T08:00:00+01:00", "location_id": str(HALL), "audience": "internal"}
    offered = (await callers.staff("POST", "slot-explanations", body)).json()
    assert offered["is_offered"]
    assert offered["lanes"][0] | {"is_offered": True, "why": None} == offered["lanes"][0]
    wrong = await callers.staff("POST", "slot-explanations", QUESTION | {"items": []})
    assert code_of(wrong) == (400, "invalid_request")


# --- who may -------------------------------------------------------------------------------------------------------

CALLS = [
    ("GET", "rules", None, {"lead", "admin"}),
    ("GET", "rules/versions", None, {"lead", "admin"}),
    ("GET", "rules/versions/1", None, {"lead", "admin"}),
    ("PUT", "rules/opening", MORNING, {"lead", "admin"}),
    ("PUT", "rules/exceptions", {"location_id": str(HALL), "day": "2026-12-01", "hours": []}, {"lead", "admin"}),
    ("DELETE", f"rules/exceptions/{UUID(int=7)}", None, {"lead", "admin"}),
    ("POST", "rules/closures", OUTING, {"lead", "admin"}),
    ("DELETE", f"rules/closures/{UUID(int=7)}", None, {"lead", "admin"}),
    ("PUT", "rules/customs", {"customs": []}, {"lead", "admin"}),
    ("POST", "rules/restorations", {"version": 1}, {"lead", "admin"}),
    ("GET", "conflicts", None, {"clerk", "lead"}),
    ("POST", f"conflicts/{UUID(int=7)}/acceptance", None, {"clerk", "lead"}),
    ("POST", "slot-explanations", QUESTION, {"clerk", "lead"}),
]


@pytest.mark.parametrize(("method", "path", "body", "roles"), CALLS)
async def test_roles_allow_what_they_say_and_no_more(
    callers: Callers, method: str, path: str, body: Any, roles: set[str]
) -> None:
    for role in ("clerk", "lead", "admin"):
        answer = await callers.staff(method, path, body, roles=(role,))
        assert (answer.status_code == 403) == (role not in roles), (role, answer.text)
    assert (await callers.staff(method, path, body, roles=())).status_code == 403
    nobody = await callers.client.request(method, f"/v1/staff/{path}", json=body, headers={"Idempotency-Key": "k"})
    assert code_of(nobody) == (401, "unauthorised")


async def test_another_tenant_s_rules_are_not_there(callers: Callers, life: Life, booking_pool: Pool) -> None:
    await configure(booking_pool, sample.files(slug="nachbarstadt"), life.clock)
    await callers.staff("POST", "rules/closures", OUTING)
    closure_id = (await callers.staff("GET", "rules")).json()["closures"][0]["id"]
    neighbour = {"tenant": "nachbarstadt"}
    assert (await callers.staff("GET", "rules", **neighbour)).json()["closures"] == []
    assert code_of(await callers.staff("DELETE", f"rules/closures/{closure_id}", **neighbour)) == (404, "not_found")
    assert code_of(await callers.staff("PUT", "rules/opening", MORNING, **neighbour)) == (400, "invalid_request")
    assert code_of(await callers.staff("GET", "rules/versions/2", **neighbour)) == (404, "not_found")
    there = id_for("nachbarstadt", "location", "Rathaus")
    mine = {"location_id": str(there), "lane_id": await lane_of(life), "rules": []}
    assert code_of(await callers.staff("PUT", "rules/opening", mine, **neighbour)) == (400, "invalid_request")
    await life.confirm(await life.hold(at("08:00", "2026-11-26")), payment="counter")
    await callers.staff("POST", "rules/closures", OUTING | {"first_day": "2026-11-26"})
    assert (await callers.staff("GET", "conflicts", **neighbour)).json()["items"] == []
    assert len((await callers.staff("GET", "conflicts")).json()["items"]) == 1
    assert code_of(await callers.staff("POST", "slot-explanations", QUESTION, **neighbour)) == (400, "invalid_request")
