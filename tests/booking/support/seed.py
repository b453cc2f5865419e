"""The demo's own files: eleven tenants, 73 services."""

from functools import cache
from pathlib import Path

import demo
from booking.domain.catalogue_files import Files
from booking.usecases.read_files import read_files

SEED = Path(demo.__file__).parent / "seed"


@cache
def seed_files() -> Files:
    return read_files(SEED / "tenants.toml", SEED / "services.csv", SEED / "offices.toml")
