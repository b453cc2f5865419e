"""`python -m booking serve | work | migrate | configure | import-zms | check`."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import get_args

from booking.domain.catalogue_files import FileError
from booking.domain.errors import Invalid, NotFound
from booking.domain.fees import PaymentPolicy
from booking.settings import MigrationSettings, load_settings
from booking.terminal import run_check, run_configure, run_import, slug
from booking.worker import work
from kit.log import set_up_logging
from kit.migrate import MigrationError, migrate
from kit.serve import serve
from kit.settings import SettingsError, read_settings


def main() -> None:
    try:
        _run(_parser().parse_args())
    except (SettingsError, MigrationError, FileError, Invalid, NotFound) as error:
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
    files.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    _add_import(commands.add_parser("import-zms", help="bring a tenant up to an export of ZMS; may be repeated"))
    return parser


def _add_import(export: argparse.ArgumentParser) -> None:
    export.add_argument("--services", type=Path, required=True, help="services_de.json")
    export.add_argument("--locations", type=Path, required=True, help="locations_de.json")
    export.add_argument("--tenant", required=True, metavar="SLUG", type=slug)
    export.add_argument("--tenants", type=Path, help="tenants.toml, if the tenant's profile stands there")
    export.add_argument("--name", help="of a new tenant without an entry in tenants.toml: “Stadt Muster”")
    export.add_argument("--ars", default="", help="of a new tenant: its key of twelve digits; it decides on holidays")
    export.add_argument("--counters", type=int, default=2, choices=range(1, 51), metavar="N", help="of each location")
    export.add_argument("--payment-policy", default="counter", choices=set(get_args(PaymentPolicy)) - {"none"})
    export.add_argument("--offer-internal", action="store_true", help="let citizens book what ZMS keeps for the staff")
    export.add_argument("--report", type=Path, metavar="FILE", help="write what was not understood (.csv or .json)")
    export.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")


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
            asyncio.run(run_configure(arguments))
        case "import-zms":
            asyncio.run(run_import(arguments))
        case "check":
            faults = asyncio.run(run_check(arguments.tenant))
            print("\n".join(faults) or "Nothing is wrong.")  # noqa: T201 - speaks to its terminal
            sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
