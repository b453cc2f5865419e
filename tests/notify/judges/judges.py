"""Independent judges of calendar bytes: libical (Debian) and ical.js (npm). Each says why it cannot be asked."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ICAL_JS = ROOT / "node_modules/ical.js/package.json"


def why_no_libical() -> str:
    """Empty where it can be asked."""
    if shutil.which("cc") is None:
        return "no C compiler"
    program = "#include <libical/ical.h>\nint main(void) { return icalrestriction_check(0); }"
    command = ["cc", "-x", "c", "-", "-lical", "-o", "/dev/null"]
    tried = subprocess.run(command, input=program, text=True, capture_output=True, check=False)
    return "" if tried.returncode == 0 else "no libical to compile against (Debian: apt-get install libical-dev)"


def why_no_ical_js() -> str:
    if shutil.which("node") is None or not ICAL_JS.exists():
        return "no node, or no ical.js in node_modules (make test installs it)"
    return ""


def compile_libical(folder: Path) -> Path:
    program = folder / "restrictions"
    source = HERE / "restrictions.c"
    subprocess.run(["cc", "-std=gnu99", "-Wall", "-Werror", "-O1", source, "-lical", "-o", program], check=True)
    return program


def objections(program: Path, calendars: Sequence[bytes]) -> list[str]:
    """What libical holds against them."""
    return [verdict for verdict in verdicts(program, calendars) if verdict != "ok"]


def verdicts(program: Path, calendars: Sequence[bytes]) -> list[str]:
    """Of each: "ok", or the calendar with what libical holds against it, its lines parted by `|`."""
    said = subprocess.run(
        [program], input=b"".join(data + b"\0" for data in calendars), capture_output=True, check=False
    ).stdout.decode()
    found = said.splitlines()
    assert len(found) == len(calendars), said
    return found


class IcalJs:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def read(self, calendars: Sequence[bytes]) -> list[list[dict[str, Any]]]:
        """Of each calendar its events."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([data.decode() for data in calendars]) + "\n")
        self._process.stdin.flush()
        found: list[list[dict[str, Any]]] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def ical_js() -> Iterator[IcalJs]:
    command = ["node", HERE / "read.mjs"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield IcalJs(process)
        finally:
            process.terminate()
