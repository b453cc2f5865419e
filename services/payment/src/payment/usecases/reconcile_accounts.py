"""The daily four-way match, by the worker and when a treasurer asks for it."""

import logging
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from payment.domain.reconciliation import reconcile
from payment.gateways.gateway import GatewayError
from payment.store.day_closes import find_last_close, find_waiting
from payment.store.exceptions import count_open_exceptions, record_findings, resolve_others
from payment.store.movements import Account, add_accounts, claim_due_accounts, list_accounts
from payment.store.open_items import list_open_items, lock_reconciliation, note_arrivals, place_movements
from payment.usecases.read_account import read_account
from payment.usecases.side_by_side import run_each
from payment.usecases.tools import Tools

log = logging.getLogger(__name__)

BATCH = 4
NUMBER_MAX = 2**63 - 1
LEASE = timedelta(minutes=15)


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    new_movements: int
    unread: list[str]
    """Providers that gave no answer: they are asked again soon."""
    waiting: int
    """Entries that no provider has told of yet, and that are too young to be missing."""
    not_at_bank: int
    """Entries of days to close that are not followed to the bank yet, those that wait among them."""
    exceptions: int
    """Open ones."""


async def reconcile_due_accounts(tools: Tools) -> int:
    now = tools.clock()
    async with tools.for_all_tenants() as connection:
        await add_accounts(connection, now)
        due = await claim_due_accounts(connection, now, now + LEASE, BATCH)
    tenants = sorted({account.tenant for account in due})
    await run_each(tenants, lambda tenant: _reconcile(tools, [account for account in due if account.tenant == tenant]))
    return len(due)


async def _reconcile(tools: Tools, accounts: Sequence[Account]) -> None:
    """One tenant's."""
    for account in accounts:
        await _read(tools, account)
    await match_tenant(tools, accounts[0].tenant)


async def reconcile_tenant(tools: Tools, tenant: str) -> Reconciliation:
    """Read all accounts of the tenant now, then match."""
    async with tools.acting_for(tenant) as connection:
        await add_accounts(connection, tools.clock())
        accounts = await list_accounts(connection, tenant)
    counts = {account.provider: await _read(tools, account) for account in accounts}
    waiting, exceptions = await match_tenant(tools, tenant)
    async with tools.acting_for(tenant) as connection:
        last = await find_last_close(connection, tenant)
        open_ = await find_waiting(connection, tenant, last.last_number + 1 if last else 1, NUMBER_MAX)
    return Reconciliation(
        new_movements=sum(count or 0 for count in counts.values()),
        unread=[provider for provider, count in counts.items() if count is None],
        waiting=waiting,
        not_at_bank=open_.entries,
        exceptions=exceptions,
    )


async def _read(tools: Tools, account: Account) -> int | None:
    """None without an answer: one provider's bad day holds up no other."""
    try:
        return await read_account(tools, account)
    except GatewayError as error:
        facts = {"tenant": account.tenant, "provider": account.provider, "answer": error.code}
        log.warning("account not read", extra=facts)
        return None


async def match_tenant(tools: Tools, tenant: str) -> tuple[int, int]:
    """Return how many ledger entries wait, and how many exceptions are open."""
    now = tools.clock()
    async with tools.acting_for(tenant) as connection:
        await lock_reconciliation(connection, tenant)
        items = await list_open_items(connection, tenant)
        decided = reconcile(items, now)
        await place_movements(connection, tenant, decided.placements, now)
        await note_arrivals(connection, tenant, decided.arrivals, now)
        await record_findings(connection, tenant, decided.findings, now)
        await resolve_others(connection, tenant, decided.findings, now)
        matched = {placement.ledger_number for placement in decided.placements}
        waiting = sum(entry.number not in matched for entry in items.entries)
        return waiting, await count_open_exceptions(connection, tenant)
