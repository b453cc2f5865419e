import hashlib
from datetime import date
from uuid import UUID

import msgspec

from kit.sql import Connection
from payment.domain.errors import BankAccountMissing, InvalidRequest, StatementDiffers
from payment.domain.iban import shorten_iban
from payment.domain.statement import Statement, read_statements
from payment.store.statements import find_statement, insert_statement, insert_statement_entries
from payment.store.tenants import find_tenant
from payment.usecases.once import Once, begin_as, finish_as
from payment.usecases.tools import Tools


class ImportedStatement(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    iban: str
    number: str
    closed_on: date
    closed_cents: int
    entries: int
    of_providers: int
    is_new: bool
    """False: it was read before; each counts once."""


async def import_statements(
    tools: Tools, tenant: str, content: bytes, once: Once, actor: str
) -> list[ImportedStatement]:
    """All of a message's statements, or none.

    Raises InvalidRequest, BankAccountMissing, StatementDiffers, KeyReused.
    """
    statements = read_statements(content)
    async with tools.acting_for(tenant) as connection:
        stored = await begin_as(connection, once, list[ImportedStatement])
        if stored is not None:
            return stored
        await _check_account(connection, tenant, statements)
        imported = [await _import(tools, connection, tenant, statement, actor) for statement in statements]
        await finish_as(connection, once, imported)
        return imported


async def _check_account(connection: Connection, tenant: str, statements: list[Statement]) -> None:
    """Another account's entries would be held against payouts that never went there."""
    town = await find_tenant(connection, tenant)
    if town is None or town.iban is None:
        raise BankAccountMissing(
            "No statement can be taken before this tenant's account is known: set `iban` in the accounts' file and run"
            " `python -m payment configure`."
        )
    own = shorten_iban(town.iban)
    errors = [
        (f"Stmt[{place}].Acct.Id.IBAN", f"is {shorten_iban(statement.iban)}, this tenant's account is {own}")
        for place, statement in enumerate(statements)
        if statement.iban != town.iban
    ]
    if errors:
        raise InvalidRequest(*errors)


async def _import(
    tools: Tools, connection: Connection, tenant: str, statement: Statement, actor: str
) -> ImportedStatement:
    digest = hashlib.sha256(msgspec.json.encode(statement)).digest()
    id_ = await insert_statement(connection, tenant, statement, digest, actor, tools.clock())
    if id_ is not None:
        await insert_statement_entries(connection, tenant, id_, statement)
        return _view(id_, statement, is_new=True)
    known = await find_statement(connection, tenant, statement.iban, statement.number)
    assert known is not None
    if known.digest != digest:
        raise StatementDiffers(f"Statement {statement.number} of {statement.iban} was read before, with other entries.")
    return _view(known.id, statement, is_new=False)


def _view(id_: UUID, statement: Statement, *, is_new: bool) -> ImportedStatement:
    return ImportedStatement(
        id=id_,
        iban=statement.iban,
        number=statement.number,
        closed_on=statement.closed_on,
        closed_cents=statement.closed_cents,
        entries=len(statement.entries),
        of_providers=sum(entry.provider is not None for entry in statement.entries),
        is_new=is_new,
    )
