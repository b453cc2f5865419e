"""The page for the portal's developer, as it stands: its script is run, and pays."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import httpx
import pytest
from tests.support.paying import pay_by_card
from tests.support.system import System

from contracts.payment import PaymentState

PAGE = Path("docs/payments-for-portals.md")


def script() -> str:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found, "the page has no script"
    return found[1]


@pytest.fixture
def running(system: System, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/demo.json").write_text(json.dumps(system.described))
    (tmp_path / "first_payment.py").write_text(script())
    command = [sys.executable, "-I", "first_payment.py"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def test_the_first_payment_works_as_the_page_says(running: subprocess.Popen[str]) -> None:
    assert running.stdout
    said = re.fullmatch(r"Pay here: (\S+) - webhooks come to (\S+)\n", running.stdout.readline())
    assert said, running.communicate(timeout=5)
    forged = httpx.post(said[2], json={"payment_id": "x"}, headers={"Schalter-Signature": "t=1,v1=00"})
    assert forged.status_code == 400
    assert httpx.post(said[2], json={"payment_id": "x"}).status_code == 400
    pay_by_card(said[1])
    output, errors = running.communicate(timeout=20)
    assert re.fullmatch(r"HS-\d{4}-\d{7}-\d is paid\n", output), (output, errors)
    assert running.returncode == 0


def test_it_is_short_and_needs_nothing_but_python() -> None:
    lines = [line for line in script().splitlines() if line.strip()]
    assert len(lines) <= 40
    imported = re.findall(r"^(?:import|from) ([\w., ]+?)(?: import .*)?$", script(), re.MULTILINE)
    modules = {name.strip().split(".")[0] for names in imported for name in names.split(",")}
    assert modules <= sys.stdlib_module_names


def test_it_explains_every_state() -> None:
    table = PAGE.read_text("utf-8").partition("## How a payment can stand")[2]
    named = set(re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line)))
    assert set(get_args(PaymentState)) <= named
