"""`python -m booking serve | work | migrate | configure | check`."""

import argparse
import asyncio
import sys
from pathlib import Path

from booking.domain.catalogue_files import FileError
from booking.domain.errors import NotFound
from booking.settings import ConfigurationSettings, MigrationSettings, load_settings
from booking.usecases.check_tenant import check_all
from booking.usecases.configure import configure, read_files
from booking.worker import work
from kit.clock import system_clock
from kit.log import set_up_logging
from kit.migrate import MigrationError, migrate
from kit.serve import serve
from kit.settings import SettingsError, read_settings
from kit.sql import open_pool


def main() -> None:
    try:
        _run(_parser().parse_args())
    except (SettingsError, MigrationError, FileError, NotFound) as error:
        sys.exit(f"booking: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m booking", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="answer HTTP until SIGTERM")
    commands.add_parser("work", help="publish events and tidy up until SIGTERM")
    commands.add_parser("migrate", help="bring the database up to this version, as its owner")
    check = commands.add_parser("check", help="compare masks, bookings and rules; say each difference, and exit 1")
    check.add_argument("--tenant", help="one tenant's slug; without it, all of them")
    files = commands.add_parser("configure", help="load the catalogue, offices and rules; may be repeated")
    for name in ("tenants", "services", "offices"):
        files.add_argument(f"--{name}", type=Path, required=True)
    return parser


def _run(arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "serve":
            settings = load_settings()
            serve("booking.app:create", host=settings.host, port=settings.port, workers=settings.web_workers)
        case "work":
            settings = load_settings()
            set_up_logging("booking", settings.log_level)
            asyncio.run(work(settings))
        case "migrate":
            owner = read_settings(MigrationSettings)
            for name in asyncio.run(migrate(owner.database_owner_url, ["kit", "booking"], owner.database_app_role)):
                print(f"applied {name}")  # noqa: T201 - speaks to its terminal
        case "configure":
            asyncio.run(_configure(arguments.tenants, arguments.services, arguments.offices))
        case "check":
            faults = asyncio.run(_check(arguments.tenant))
            print("\n".join(faults) or "Nothing is wrong.")  # noqa: T201 - speaks to its terminal
            sys.exit(1 if faults else 0)


async def _configure(tenants: Path, services: Path, offices: Path) -> None:
    settings = read_settings(ConfigurationSettings)
    set_up_logging("booking", settings.log_level)
    files = read_files(tenants, services, offices)
    async with open_pool(settings.database_url, size_max=1) as pool:
        await configure(pool, files, system_clock)


async def _check(tenant: str | None) -> list[str]:
    settings = read_settings(ConfigurationSettings)
    set_up_logging("booking", settings.log_level)
    async with open_pool(settings.database_url, size_max=1) as pool:
        return await check_all(pool, system_clock, tenant)


if __name__ == "__main__":
    main()
