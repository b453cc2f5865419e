from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till
from tests.payment.web.desk import treasurer

from payment.usecases.sweep_leftovers import sweep_leftovers
from payment.usecases.tools import Tools

URL = "/v1/staff/retention-log"


async def test_an_administrator_reads_what_went_in_numbers(till: Till, clock: Clock, tools: Tools) -> None:
    await till.create()
    clock.pass_by(days=8)
    await sweep_leftovers(tools)
    page = (await till.app.get(URL, headers=treasurer(clock, "ada", role="admin"))).json()
    assert [(item["leftover"], item["count"]) for item in page["items"]] == [("answers", 1)]
    assert page["next_cursor"] is None
    stranger = treasurer(clock, "otto", role="admin", tenant="erkelenz")
    assert (await till.app.get(URL, headers=stranger)).json()["items"] == []


async def test_nobody_else_does(till: Till, clock: Clock) -> None:
    assert (await till.app.get(URL, headers=treasurer(clock))).status_code == 403
    assert (await till.app.get(URL)).status_code == 401
    admin = treasurer(clock, "ada", role="admin")
    assert (await till.app.get(f"{URL}?cursor=0", headers=admin)).status_code == 400
