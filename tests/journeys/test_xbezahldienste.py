"""XBezahldienste with a browser: the Kreis lets people pay through a town's system, and the guide holds."""

import re
import subprocess
from pathlib import Path

import msgspec
from playwright.sync_api import expect
from tests.journeys.citizen import Citizen
from tests.support.system import System
from tests.support.waiting import wait_until

GUIDE = Path("docs/xbezahldienste.md")


def order_document(citizen: Citizen) -> None:
    citizen.open(citizen.system.url("portal"))
    citizen.press("online-service")
    citizen.press("order-submit")


def wait_for_document(citizen: Citizen) -> None:
    def is_there() -> bool:
        citizen.page.wait_for_timeout(300)
        return citizen.find("order-document").count() > 0

    wait_until(is_there, 20)


def test_paid_through_another_houses_system(citizen: Citizen) -> None:
    order_document(citizen)
    citizen.press("pay-xbezahldienste")
    assert "/heinsberg/" in citizen.page.url
    citizen.press("pay-card")
    citizen.press("sandbox-pay")
    wait_for_document(citizen)


def test_given_up_there_and_paid_otherwise(visitor: Citizen) -> None:
    order_document(visitor)
    checkout = visitor.page.url
    visitor.press("pay-xbezahldienste")
    other_side = visitor.page.url
    visitor.open(checkout)
    visitor.press("pay-card")
    expect(visitor.find("payment-state")).to_contain_text("begun elsewhere")
    visitor.open(other_side)
    visitor.press("pay-cancel")
    expect(visitor.find("payment-state")).to_contain_text("cancelled")
    visitor.page.get_by_role("link", name="Continue").click()
    visitor.page.get_by_role("link", name="Go on to pay").click()
    visitor.press("pay-card")
    visitor.press("sandbox-pay")
    wait_for_document(visitor)


def test_the_guide_works_as_it_stands(system: System, citizen: Citizen, tmp_path: Path) -> None:
    first, order, status = re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "var").mkdir()
    (tmp_path / "var/demo.json").write_bytes(msgspec.json.encode(system.described))

    def run(*blocks: str) -> str:
        """As in one terminal, block by block; what the last one prints."""
        script = "set -eu\n" + "\necho ----\n".join(blocks)
        ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
        return ran.stdout.split("----\n")[-1].strip()

    assert run(first) == "status 200"
    citizen.open(run(first, order))
    citizen.press("pay-card")
    citizen.press("sandbox-pay")
    reading = next(line for line in order.splitlines() if line.startswith("read_transaction()"))
    assert run(first, reading, status) == "PAYED"
