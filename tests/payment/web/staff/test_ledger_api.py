import asyncpg
from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till
from tests.payment.web.desk import paid, staff_token
from tests.support.database import Database

URL = "/v1/staff/ledger/verification"


async def test_a_treasurer_sees_that_the_ledger_is_whole_or_where_it_is_not(
    till: Till, clock: Clock, payment_database: Database
) -> None:
    await paid(till)
    headers = {"Authorization": f"Bearer {staff_token(clock, 'carla')}"}
    assert (await till.app.get(URL, headers=headers)).json() == {"tenant": "heinsberg", "entries": 1, "break": None}
    owner = await asyncpg.connect(payment_database.all_tenants_owner_url)
    await owner.execute("UPDATE ledger_entry SET amount_cents = 1")
    await owner.close()
    answer = (await till.app.get(URL, headers=headers)).json()
    assert answer["break"] == {"number": 1, "damage": "changed"}
    other = {"Authorization": f"Bearer {staff_token(clock, 'otto', tenant='erkelenz')}"}
    assert (await till.app.get(URL, headers=other)).json()["entries"] == 0


async def test_nobody_but_a_treasurer_asks(till: Till, clock: Clock) -> None:
    clerk = {"Authorization": f"Bearer {staff_token(clock, 'anna', role='clerk')}"}
    assert (await till.app.get(URL, headers=clerk)).status_code == 403
    assert (await till.app.get(URL)).status_code == 401
    assert (await till.app.get(URL, headers={"Authorization": f"Bearer {till.key}"})).status_code == 401
