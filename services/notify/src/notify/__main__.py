"""`python -m notify serve | work | migrate | configure`."""

import argparse
import asyncio
import sys
from pathlib import Path

import uvloop

from kit.log import set_up_logging
from kit.migrate import MigrationError, migrate
from kit.serve import serve
from kit.settings import SettingsError, read_settings
from kit.sql import open_pool
from notify.settings import MigrationSettings, load_configuration_settings, load_settings
from notify.usecases.configure import FileUnfit, configure, read_accounts, read_logos, read_tenants
from notify.worker import work


def main() -> None:
    try:
        _run(_parser().parse_args())
    except (SettingsError, MigrationError, FileUnfit) as error:
        sys.exit(f"notify: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m notify", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="answer HTTP until SIGTERM")
    commands.add_parser("work", help="hear events, prepare and send mails until SIGTERM")
    commands.add_parser("migrate", help="bring the database up to this version, as its owner")
    configuring = commands.add_parser("configure", help="load the tenants; may be repeated")
    configuring.add_argument("--tenants", type=Path, required=True, help="TOML file of the tenants")
    configuring.add_argument("--accounts", type=Path, help="TOML file of their accounts at mail servers; or /dev/stdin")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "serve":
            settings = load_settings()
            serve("notify.app:create", host=settings.host, port=settings.port, workers=settings.web_workers)
        case "work":
            settings = load_settings()
            set_up_logging("notify", settings.log_level)
            uvloop.run(work(settings))
        case "migrate":
            owner = read_settings(MigrationSettings)
            for name in asyncio.run(migrate(owner.database_owner_url, ["kit", "notify"], owner.database_app_role)):
                print(f"applied {name}")  # noqa: T201 - speaks to its terminal
        case "configure":
            print(f"{asyncio.run(_configure(arguments.tenants, arguments.accounts))} tenants")  # noqa: T201 - speaks to its terminal


async def _configure(tenants_file: Path, accounts_file: Path | None) -> int:
    settings = load_configuration_settings()
    tenants, accounts = read_tenants(tenants_file), None
    if accounts_file:
        bounce_domain = settings.bounce_domain or settings.mail_from.rpartition("@")[2]
        accounts = read_accounts(accounts_file, settings.accounts_key, bounce_domain)
    async with open_pool(settings.database_url, size_max=1) as pool:
        return await configure(pool, tenants, accounts, logos=read_logos(tenants_file, tenants))


if __name__ == "__main__":
    main()
