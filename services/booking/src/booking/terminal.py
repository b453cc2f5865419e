"""What `python -m booking` does with a database and a terminal, and says there."""

import argparse
import re
import sys
from collections.abc import Sequence

import msgspec

from booking.domain.configuration_diff import Change, as_text, summary
from booking.domain.zms.configuration import Choices
from booking.domain.zms.notes import Note
from booking.domain.zms.notes import summary as summary_of_notes
from booking.domain.zms.profile import NewTenant
from booking.settings import ConfigurationSettings
from booking.usecases.check_tenant import check_all
from booking.usecases.configure import configure
from booking.usecases.import_zms import PHASES, import_zms, read_export
from booking.usecases.read_files import read_files, read_profile
from contracts.tenant import TenantProfile
from kit.clock import system_clock
from kit.log import set_up_logging
from kit.progress import Progress
from kit.settings import read_settings
from kit.sql import open_pool
from kit.tables import to_csv

CHANGES_SHOWN = 200
_DRY = "Nothing was written: this was a dry run."


def slug(text: str) -> str:
    """For argparse: raises ValueError."""
    if not re.fullmatch(r"[a-z0-9-]{2,40}", text):
        raise ValueError
    return text


def _say(*lines: str) -> None:
    print("\n".join(lines))  # noqa: T201 - commands speak to their terminal


def _settings() -> ConfigurationSettings:
    settings = read_settings(ConfigurationSettings)
    set_up_logging("booking", settings.log_level)
    return settings


async def run_configure(arguments: argparse.Namespace) -> None:
    files = read_files(arguments.tenants, arguments.services, arguments.offices)
    async with open_pool(_settings().database_url, size_max=1) as pool:
        for tenant, changes in await configure(pool, files, system_clock, dry_run=arguments.dry_run):
            _say_changes(tenant, changes)
    _say(*([_DRY] if arguments.dry_run else []))


def _say_changes(tenant: str, changes: Sequence[Change]) -> None:
    """A new tenant is summed up: there is nothing to compare it with."""
    is_new = any(change.kind == "tenant" and change.verb == "added" for change in changes)
    lines = [] if is_new else as_text(changes[:CHANGES_SHOWN])
    more = len(changes) - len(lines)
    _say(f"{tenant}: {summary(changes)}", *lines, *([f"  … and {more} more"] if lines and more else []))


async def run_import(arguments: argparse.Namespace) -> None:
    tenant: TenantProfile | NewTenant
    if arguments.tenants:
        tenant = read_profile(arguments.tenants, arguments.tenant)
    else:
        tenant = NewTenant(slug=arguments.tenant, name=arguments.name, ars=arguments.ars)
    choices = Choices(arguments.counters, arguments.payment_policy, arguments.offer_internal)
    phases = Progress(PHASES, sys.stderr).phase
    export = await read_export(arguments.services, arguments.locations, phases)
    async with open_pool(_settings().database_url, size_max=2) as pool:
        done = await import_zms(pool, export, tenant, choices, system_clock, dry_run=arguments.dry_run, phases=phases)
    if arguments.report:
        arguments.report.write_text(report_of(done.notes, arguments.report.suffix), "utf-8", newline="")
    _say_changes(arguments.tenant, done.changes)
    _say(f"Not understood ({len(done.notes)}), and what is assumed:", *summary_of_notes(done.notes))
    _say(*([_DRY] if arguments.dry_run else []))


def report_of(notes: Sequence[Note], suffix: str) -> str:
    if suffix == ".json":
        return msgspec.json.format(msgspec.json.encode(notes), indent=2).decode()
    return to_csv(Note.__struct_fields__, [msgspec.structs.astuple(note) for note in notes])


async def run_check(tenant: str | None) -> list[str]:
    async with open_pool(_settings().database_url, size_max=1) as pool:
        return await check_all(pool, system_clock, tenant)
