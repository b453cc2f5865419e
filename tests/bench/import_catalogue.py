"""How long a large city's catalogue takes to become bookable: the command as people give it, once and once more."""

import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from kit.sql import open_pool

DATA = Path(__file__).parents[3] / "shared" / "data"
"""The city of Munich's own export, beside the project where somebody put it there."""
TENANT = "muenchen"


class ImportedCatalogue(msgspec.Struct, frozen=True):
    services: int
    locations: int
    lanes: int
    masks: int
    seconds: float
    again_seconds: float
    """When nothing has changed."""


async def import_catalogue(url: str) -> ImportedCatalogue | None:
    """Null where there is no export to import."""
    services, locations = DATA / "munich_services_de.json", DATA / "munich_locations_de.json"
    if not services.exists():
        print(f"  not measured: no export in {DATA.parent.name}/{DATA.name}", flush=True)
        return None
    command = [sys.executable, "-m", "booking", "import-zms", "--services", str(services)]
    command += ["--locations", str(locations), "--tenant", TENANT, "--name", "Stadt München", "--ars", "091620000000"]
    seconds, again_seconds = _run(command, url), _run(command, url)
    async with open_pool(url, size_max=1) as pool:
        row = await pool.fetchrow(
            "SELECT (SELECT count(*) FROM service WHERE tenant = $1),"
            " (SELECT count(*) FROM location WHERE tenant = $1),"
            " (SELECT count(*) FROM lane WHERE tenant = $1), (SELECT count(*) FROM day_mask WHERE tenant = $1)",
            TENANT,
        )
    return ImportedCatalogue(*row, seconds=seconds, again_seconds=again_seconds)


def _run(command: list[str], url: str) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        command, env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return time.perf_counter() - started
