"""`python -m payment serve | work | migrate | configure | verify-ledger`."""

import argparse
import asyncio
import sys
from pathlib import Path

from contracts.tenant import TenantsFile
from kit.clock import system_clock
from kit.log import set_up_logging
from kit.migrate import MigrationError, migrate
from kit.serve import serve
from kit.settings import SettingsError, read_settings
from kit.sql import open_pool
from payment import worker
from payment.app import open_tools
from payment.settings import (
    ConfigurationSettings,
    LedgerSettings,
    MigrationSettings,
    Settings,
    load_configuration_settings,
    load_settings,
)
from payment.usecases.configure import AccountsFile, ConfigureError, configure, read_file
from payment.usecases.verify_ledger import verify_ledgers


def main() -> None:
    try:
        _run(_parser().parse_args())
    except (SettingsError, MigrationError, ConfigureError) as error:
        sys.exit(f"payment: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m payment", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="answer HTTP until SIGTERM")
    commands.add_parser("work", help="publish events, look after open payments, send webhooks until SIGTERM")
    commands.add_parser("migrate", help="bring the database up to this version, as its owner")
    configuring = commands.add_parser("configure", help="load tenants and their accounts; may be repeated")
    configuring.add_argument("--tenants", type=Path, required=True, help="tenants.toml")
    configuring.add_argument("--accounts", type=Path, required=True, help="accounts.toml: provider keys and treasury")
    verifying = commands.add_parser("verify-ledger", help="look for a changed, missing or displaced entry; exit 1")
    verifying.add_argument("--tenant", help="this one alone; otherwise all")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    match arguments.command:
        case "serve":
            settings = load_settings()
            serve("payment.app:create", host=settings.host, port=settings.port, workers=settings.web_workers)
        case "work":
            asyncio.run(_work(load_settings()))
        case "migrate":
            owner = read_settings(MigrationSettings)
            for name in asyncio.run(migrate(owner.database_owner_url, ["kit", "payment"], owner.database_app_role)):
                print(f"applied {name}")  # noqa: T201 - speaks to its terminal
        case "configure":
            count = asyncio.run(_configure(load_configuration_settings(), arguments.tenants, arguments.accounts))
            print(f"{count} tenants configured")  # noqa: T201 - speaks to its terminal
        case "verify-ledger":
            sys.exit(asyncio.run(_verify_ledger(read_settings(LedgerSettings), arguments.tenant)))


async def _work(settings: Settings) -> None:
    set_up_logging("payment", settings.log_level)
    async with open_tools(settings, system_clock) as tools:
        await worker.work(tools, settings.nats_url)


async def _configure(settings: ConfigurationSettings, tenants: Path, accounts: Path) -> int:
    tenants_file, accounts_file = read_file(tenants, TenantsFile), read_file(accounts, AccountsFile)
    async with open_pool(settings.database_url) as pool:
        return await configure(pool, tenants_file, accounts_file, settings.accounts_key, demo_mode=settings.demo_mode)


async def _verify_ledger(settings: LedgerSettings, tenant: str | None) -> int:
    """0: every ledger is whole; 1: one is not; 2: there is no such tenant."""
    async with open_pool(settings.database_url) as pool:
        found = await verify_ledgers(pool, tenant)
    for verification in found:
        print(verification.in_words())  # noqa: T201 - speaks to its terminal
    if not found:
        return 2
    return 0 if all(verification.is_intact for verification in found) else 1


if __name__ == "__main__":
    main()
