"""Tenants' own accounts at mail servers: configured from a file, kept encrypted, used for their mails alone."""

from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from tests.notify.conftest import ACCOUNTS_KEY, Notify
from tests.notify.letters import LETTER, TENANT, a_citizen, a_letter
from tests.notify.peers import mail_server
from tests.notify.reading import calendar_of, read

from contracts.booking import CalendarEntry
from contracts.tenant import TenantsFile
from notify.mail.accounts import Account, Accounts, encrypt
from notify.mail.smtp import Server
from notify.store.accounts import upsert_account
from notify.usecases.configure import (
    AccountsFile,
    AccountsWanted,
    FileUnfit,
    configure,
    read_accounts,
    read_file,
)

TENANTS = TenantsFile((TENANT,))
FOR_CITIZEN = a_letter(clerks=())
NEIGHBOUR = msgspec.structs.replace(TENANT, slug="gangelt")
ELSEWHERE = a_letter(
    tenant="gangelt",
    appointment_id=UUID(int=7),
    citizen=a_citizen(calendar=CalendarEntry(uid="citizen-2@gangelt.example", sequence=0)),
    clerks=(),
)


def wanted(toml: str, folder: Path, **environment: str) -> AccountsWanted:
    file = folder / "accounts.toml"
    file.write_text(toml)
    return AccountsWanted(
        file=read_file(file, AccountsFile), key=ACCOUNTS_KEY, bounce_domain="bounce.example", environment=environment
    )


def entry(more: str = "", tenant: str = "heinsberg") -> str:
    return f'[[accounts]]\ntenant = "{tenant}"\nmailbox = "post@{tenant}.example"\nhost = "127.0.0.1"\n{more}\n'


async def test_a_tenants_mails_go_by_its_own_server_from_its_own_mailbox(notify: Notify, tmp_path: Path) -> None:
    async with mail_server() as own:
        await configure(notify.pool, TENANTS, wanted(entry(f'port = {own.port}\ntls = "none"'), tmp_path))
        await notify.tell("appointment.confirmed", LETTER)
        assert notify.mail.taken == []
        sender, _, data = own.taken[0]
        assert sender.endswith("@bounce.example")
        assert "<post@heinsberg.example>" in read(data)["From"]
        assert read(data)["Message-ID"].endswith("@heinsberg.example>")
        organizer = str(calendar_of(read(own.taken[1][2])).events[0]["ORGANIZER"])
        assert organizer.startswith("mailto:post+")
        again = a_letter(version=4)
        await configure(notify.pool, TENANTS, wanted("", tmp_path))  # no account any more
        await notify.tell("appointment.link_requested", again)
        assert len(notify.mail.taken) == 1
        await notify.sending.lines.close()


async def test_another_tenants_lock_out_holds_nobody_else_up(notify: Notify, tmp_path: Path) -> None:
    async with mail_server() as own:
        own.mail += ["535 5.7.8 Authentication failed"] * 9
        accounts = wanted(entry(f'port = {own.port}\ntls = "none"'), tmp_path)
        await configure(notify.pool, TenantsFile((TENANT, NEIGHBOUR)), accounts)
        await notify.tell("appointment.confirmed", FOR_CITIZEN)
        await notify.tell("appointment.confirmed", ELSEWHERE)
        assert await notify.states() == [("confirmation", "queued")]
        assert len(notify.mail.taken) == 1
        await notify.sending.lines.close()


OWN = Server(host="127.0.0.1", port=9, tls="none")


@pytest.mark.parametrize(
    "unfit",
    [
        Account(msgspec.structs.replace(OWN, tls="starttls", ca_file="/nowhere/ca.pem"), "bounce.example"),
        Account(msgspec.structs.replace(OWN, host="mail..example"), "bounce.example"),
    ],
)
async def test_an_account_that_cannot_be_used_pauses_alone(notify: Notify, unfit: Account) -> None:
    await configure(notify.pool, TenantsFile((TENANT, NEIGHBOUR)))
    async with notify.pool.acquire() as connection:
        await upsert_account(connection, TENANT.slug, "post@heinsberg.example", encrypt(unfit, ACCOUNTS_KEY))
    await notify.tell("appointment.confirmed", FOR_CITIZEN)
    await notify.tell("appointment.confirmed", ELSEWHERE)
    assert [(mail.state, mail.cause, mail.tries) for mail in await notify.listed()] == [("queued", "locked_out", 0)]
    assert await notify.pool.fetchval("SELECT array_agg(account) FROM relay_pause") == ["heinsberg"]
    assert len(notify.mail.taken) == 1


async def test_a_sender_that_no_envelope_can_name_pauses_its_account(notify: Notify) -> None:
    house = Account(msgspec.structs.replace(OWN, port=notify.mail.port), "bücher.example")
    odd = notify._replace(sending=notify.sending._replace(accounts=Accounts(house, None)))
    await odd.tell("appointment.confirmed", FOR_CITIZEN)
    assert await notify.pool.fetchval("SELECT cause FROM relay_pause") == "locked_out"
    assert notify.mail.taken == []


async def test_a_bounce_domain_is_stored_as_an_envelope_names_it(notify: Notify, tmp_path: Path) -> None:
    await configure(notify.pool, TENANTS, wanted(entry('bounce_domain = "bücher.example"'), tmp_path))
    stored = bytes(await notify.pool.fetchval("SELECT secrets FROM smtp_account"))
    assert notify.sending.accounts.of(stored).bounce_domain == "xn--bcher-kva.example"


async def test_what_is_secret_is_stored_encrypted(notify: Notify, tmp_path: Path) -> None:
    toml = entry('user = "schalter"\npassword_variable = "SMTP_OF_HEINSBERG"')
    await configure(notify.pool, TENANTS, wanted(toml, tmp_path, SMTP_OF_HEINSBERG="geheim-4711"))
    stored = bytes(await notify.pool.fetchval("SELECT secrets FROM smtp_account"))
    assert b"geheim" not in stored
    account = notify.sending.accounts.of(stored)
    assert (account.server.user, account.server.password) == ("schalter", "geheim-4711")
    assert account.server.tls == "starttls"


async def test_a_new_account_ends_the_pause_of_the_old(notify: Notify, tmp_path: Path) -> None:
    await notify.pool.execute("INSERT INTO relay_pause VALUES ('heinsberg', 'locked_out', 4, 'infinity', now())")
    await configure(notify.pool, TENANTS)
    assert await notify.pool.fetchval("SELECT count(*) FROM relay_pause") == 1
    await notify.pool.execute("INSERT INTO relay_pause VALUES ('', 'slow_down', 1, 'infinity', now())")
    await configure(notify.pool, TENANTS, wanted(entry(), tmp_path))
    assert await notify.pool.fetchval("SELECT array_agg(account) FROM relay_pause") == [""]  # the house's stays


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        (entry(tenant="nirgends"), "no tenant nirgends"),
        (entry() * 2, "twice"),
        (entry('user = "x"'), "belong together"),
        (entry('user = "x"\npassword_variable = "UNSET_HERE"'), "UNSET_HERE is not set"),
        (entry('user = "x"\npassword = "geheim"\npassword_variable = "Y"'), "not both"),
        (entry('user = "x"\npassword = "geheim"\ntls = "none"'), "over TLS alone"),
        (entry('ca_file = "/nowhere/ca.pem"'), "heinsberg: ca_file /nowhere/ca.pem: .*No such file"),
        (entry('bounce_domain = "bounce..example"'), "heinsberg: bounce_domain 'bounce..example'"),
        (entry().replace("127.0.0.1", "mail..example"), "heinsberg: host 'mail..example'"),
    ],
)
async def test_what_cannot_be_used_is_named_and_changes_nothing(
    notify: Notify, tmp_path: Path, toml: str, complaint: str
) -> None:
    with pytest.raises(FileUnfit, match=complaint) as caught:
        await configure(notify.pool, TENANTS, wanted(toml, tmp_path))
    assert "geheim" not in str(caught.value)
    assert await notify.pool.fetchval("SELECT count(*) FROM smtp_account") == 0


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        (entry("passwort = 1"), "passwort"),
        (entry("port = 0"), "port"),
        ('[[accounts]]\ntenant = "x"\nmailbox = "a b@c"\nhost = "h"', "mailbox"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, toml: str, complaint: str) -> None:
    with pytest.raises(FileUnfit, match=complaint):
        wanted(toml, tmp_path)


def test_without_a_key_nothing_is_stored(tmp_path: Path) -> None:
    with pytest.raises(FileUnfit, match="ACCOUNTS_KEY"):
        read_accounts(tmp_path / "accounts.toml", None, "bounce.example")
