"""The treasury's page, as it stands: its commands are run in order, and answer as it says."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.paying import pay_by_card
from tests.support.system import System

PAGE = Path("docs/treasury.md")
BLOCK = re.compile(r"```bash\n(.*?)```\n(?:```json\n(.*?)```\n)?", re.DOTALL)
DONE = "-- done --"


@pytest.fixture
def shell(system: System, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """One for the whole page, as the reader has it, in a folder as the demo's."""
    (tmp_path / "var/demo").mkdir(parents=True)
    (tmp_path / "var/demo.json").write_text(json.dumps(system.described))
    keys = "payment-api-keys.toml"
    (tmp_path / "var/demo" / keys).write_text((system.data / keys).read_text())
    process = subprocess.Popen(
        ["bash", "-eu"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def run(shell: "subprocess.Popen[str]", commands: str) -> list[str]:
    assert shell.stdin is not None
    assert shell.stdout is not None
    shell.stdin.write(f"{commands}\necho '{DONE}'\n")
    shell.stdin.flush()
    said = []
    for line in shell.stdout:
        if line.rstrip() == DONE:
            return said
        said.append(line.strip("\ufeff\r\n"))
    raise AssertionError(f"the shell ended:\n{commands}\n{said}")


def shown(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("…"))


def test_a_day_is_closed_as_the_page_says(shell: "subprocess.Popen[str]") -> None:
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) == PAGE.read_text("utf-8").count("```bash")
    for commands, answers in blocks:
        said = [line for line in run(shell, commands) if line]
        expected = answers.splitlines()
        assert len(said) == len(expected), said
        for line, pattern in zip(said, expected, strict=True):
            assert re.fullmatch(shown(pattern), line), (pattern, line)
        if "/checkout/" in answers:
            pay_by_card(said[0])
