from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar.testing import AsyncTestClient
from tests.payment.support.house import STAFF_KEY, Clock, body

from kit.sql import Pool
from kit.tokens import StaffClaims, sign

Client = AsyncTestClient[Any]
WANTED = {"label": "Portal", "scopes": ["payments:create", "payments:read"]}


def token(clock: Clock, role: str = "admin", tenant: str = "heinsberg") -> dict[str, str]:
    claims = StaffClaims(subject="ada", tenant=tenant, roles=(role,), expires_at=clock() + timedelta(hours=1))
    return {"Authorization": f"Bearer {sign(STAFF_KEY, 'staff', claims)}", "Idempotency-Key": str(uuid4())}


async def issue(client: Client, clock: Clock, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/staff/api-keys", json=WANTED | changes, headers=token(clock))
    assert answer.status_code == 201, answer.text
    issued: dict[str, Any] = answer.json()
    return issued


async def use(client: Client, key: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid4())}
    return await client.post("/v1/payments", json=body(), headers=headers)


async def listed(client: Client, clock: Clock) -> list[dict[str, Any]]:
    answer = await client.get("/v1/staff/api-keys", headers=token(clock))
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_key_is_shown_once_works_and_is_listed_without_its_secret(
    client: Client, clock: Clock, house: Pool
) -> None:
    command = token(clock)
    issued = (await client.post("/v1/staff/api-keys", json=WANTED, headers=command)).json()
    again = await client.post("/v1/staff/api-keys", json=WANTED, headers=command)
    assert again.json() == {"id": issued["id"], "key": None}
    assert (await use(client, issued["key"])).status_code == 201
    (entry,) = await listed(client, clock)
    assert (entry["label"], entry["scopes"], entry["prefix"] in issued["key"]) == (*WANTED.values(), True)
    assert [(event["action"], event["actor"]) for event in entry["history"]] == [("issued", "staff:ada")]
    assert entry["last_used_at"] is not None
    secret = issued["key"].split("_")[2]
    stored = [
        await house.fetch(f"SELECT * FROM {table}") for table in ("api_key", "api_key_event", "idempotent_answer")
    ]
    assert secret not in str(stored) + str(entry)


async def test_use_is_noted_once_a_minute(client: Client, clock: Clock, house: Pool) -> None:
    key = (await issue(client, clock))["key"]
    noted, written = [], []
    for _ in range(4):
        await use(client, key)
        row = await house.fetchrow("SELECT last_used_at, xmin::text FROM api_key")
        noted.append(row["last_used_at"])
        written.append(row["xmin"])
        clock.pass_by(seconds=20)
    assert len(set(written)) == 2
    assert noted[3] - noted[0] == timedelta(minutes=1)


async def test_after_a_rotation_both_work_until_the_old_one_ends(client: Client, clock: Clock) -> None:
    old = await issue(client, clock)
    path = f"/v1/staff/api-keys/{old['id']}/rotation"
    new = (await client.post(path, json={"overlap_h": 2}, headers=token(clock))).json()
    assert new["key"] != old["key"]
    assert [(await use(client, key["key"])).status_code for key in (old, new)] == [201, 201]
    clock.pass_by(hours=2)
    assert [(await use(client, key["key"])).status_code for key in (old, new)] == [401, 201]
    assert (await client.post(path, json={}, headers=token(clock))).status_code == 409
    newest, oldest = await listed(client, clock)
    assert [event["action"] for event in oldest["history"]] == ["issued", "rotated"]
    assert (newest["scopes"], newest["label"]) == (oldest["scopes"], oldest["label"])


async def test_a_rotation_never_prolongs_a_key(client: Client, clock: Clock) -> None:
    ends_at = clock() + timedelta(hours=1)
    old = await issue(client, clock, expires_at=ends_at.isoformat())
    new = (await client.post(f"/v1/staff/api-keys/{old['id']}/rotation", json={}, headers=token(clock))).json()
    assert (await use(client, new["key"])).status_code == 201
    clock.pass_by(hours=1)
    assert [(await use(client, key["key"])).status_code for key in (old, new)] == [401, 401]


async def test_a_revoked_key_is_dead_at_once(client: Client, clock: Clock) -> None:
    issued = await issue(client, clock)
    for _ in range(2):
        gone = await client.delete(f"/v1/staff/api-keys/{issued['id']}", headers=token(clock))
        assert gone.status_code == 204
    assert (await use(client, issued["key"])).status_code == 401
    (entry,) = await listed(client, clock)
    assert [event["action"] for event in entry["history"]] == ["issued", "revoked"]
    rotation = await client.post(f"/v1/staff/api-keys/{issued['id']}/rotation", json={}, headers=token(clock))
    assert rotation.status_code == 409


async def test_an_expired_key_is_dead(client: Client, clock: Clock) -> None:
    issued = await issue(client, clock, expires_at=(clock() + timedelta(minutes=5)).isoformat())
    assert (await use(client, issued["key"])).status_code == 201
    clock.pass_by(minutes=5)
    assert (await use(client, issued["key"])).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"label": ""},
        {"label": "a\x00b"},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "tomorrow"},
        {"extra": 1},
    ],
)
async def test_bad_input_names_its_field(client: Client, clock: Clock, change: dict[str, Any]) -> None:
    answer = await client.post("/v1/staff/api-keys", json=WANTED | change, headers=token(clock))
    assert (answer.status_code, next(iter(change)) in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("POST", ""), ("POST", "/{id}/rotation"), ("DELETE", "/{id}")]
)
async def test_only_the_tenants_administrators(client: Client, clock: Clock, method: str, path: str) -> None:
    issued = await issue(client, clock)
    url, content = "/v1/staff/api-keys" + path.format(id=issued["id"]), WANTED if path == "" else {}

    async def status(headers: dict[str, str]) -> int:
        return (await client.request(method, url, json=content, headers=headers)).status_code

    assert await status({}) == 401
    assert await status({"Authorization": f"Bearer {issued['key']}"}) == 401
    for role in ("treasurer", "operator", "lead"):
        assert await status(token(clock, role)) == 403
    if "{id}" in path:
        assert await status(token(clock, tenant="erkelenz")) == 404
    else:
        assert issued["id"] not in (await client.get(url, headers=token(clock, tenant="erkelenz"))).text


async def test_long_lists_have_pages(client: Client, clock: Clock) -> None:
    ids = [(await issue(client, clock))["id"] for _ in range(51)]
    first = (await client.get("/v1/staff/api-keys", headers=token(clock))).json()
    rest = await client.get(f"/v1/staff/api-keys?cursor={first['next_cursor']}", headers=token(clock))
    assert [item["id"] for item in first["items"] + rest.json()["items"]] == ids[::-1]
