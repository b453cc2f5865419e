"""The accounts' file: what stands in the READMEs is read, and what is wrong in it is named by its place."""

import re
from pathlib import Path

import msgspec
import pytest
from tests.payment.support.house import ACCOUNTS_KEY, accounts, profile

import demo
from contracts.tenant import TenantsFile
from demo.sandbox.bank import iban_of
from kit.sql import Pool
from payment.domain.retention import Retention
from payment.gateways.xbezahldienste_client import MutualTls
from payment.usecases.configure import AccountsFile, ConfigureError, configure, read_file

README = Path("services/payment/README.md")
HEAD = '[[accounts]]\ntenant = "wegberg"\nkassenzeichen = "WEG-{number}-{check}"\n'
THIRD = """
[accounts.xbezahldienste]
url = "https://epay.example/api"
originator_id = "o"
end_point_id = "e"
"""
BEARER = '[accounts.xbezahldienste.authentication]\nkind = "bearer"\ntoken = "t"'


def read(tmp_path: Path, text: str) -> AccountsFile:
    file = tmp_path / "accounts.toml"
    file.write_text(text)
    return read_file(file, AccountsFile)


def toml_examples() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


def test_the_readme_names_the_times_that_are_kept_where_nothing_is_said(tmp_path: Path) -> None:
    _, example = toml_examples()
    [entry] = read(tmp_path, HEAD + example).accounts
    assert entry.retention == Retention()
    assert all(f"{name} = " in example for name in Retention.__struct_fields__)


def test_the_readmes_example(tmp_path: Path) -> None:
    example, _ = toml_examples()
    [entry] = read(tmp_path, HEAD + example).accounts
    assert entry.xbezahldienste
    assert isinstance(entry.xbezahldienste.authentication, MutualTls)
    assert entry.offered == {"xbezahldienste": "xbezahldienste"}


def test_the_demos_file() -> None:
    accounts = read_file(Path(demo.__path__[0]) / "seed/accounts.toml", AccountsFile).accounts
    [entry] = [entry for entry in accounts if entry.tenant == "heinsberg"]
    assert [originator.id for originator in entry.originators] == ["buergerportal", "kreis-heinsberg"]
    assert entry.offered == {"card": "stripe", "paypal": "paypal"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('methods = { cash = "stripe" }', "cash"),
        ('methods = { card = "sumup" }', r"\$.accounts\[0\].methods"),
        ('[[accounts.originators]]\nid = "a b"\nend_points = ["x"]', r"originators\[0\].id"),
        ('[[accounts.originators]]\nid = "a"\nend_points = []', r"originators\[0\].end_points"),
        (
            '[[accounts.originators]]\nid = "a"\nend_points = ["x"]\ncertificates = ["AA:BB"]',
            r"originators\[0\].certificates\[0\]",
        ),
        (THIRD, "authentication"),
        (THIRD + "page_life_min = 1\n" + BEARER, "page_life_min"),
        (THIRD + '[accounts.xbezahldienste.authentication]\nkind = "magic"', "xbezahldienste.authentication"),
        (THIRD + '[accounts.xbezahldienste.authentication]\nkind = "basic"\nusername = "u"', "password"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigureError, match=named):
        read(tmp_path, HEAD + text)


async def test_an_account_is_taken_by_its_check_digits(payment_pool: Pool) -> None:
    tenants = TenantsFile((profile(),))

    async def take(iban: str) -> object:
        entry = msgspec.structs.replace(accounts(), iban=iban)
        await configure(payment_pool, tenants, AccountsFile((entry,)), ACCOUNTS_KEY, demo_mode=True)
        return await payment_pool.fetchval("SELECT iban FROM tenant")

    assert await take("DE89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    with pytest.raises(ConfigureError, match="heinsberg: iban"):
        await take("DE89370400440532013001")


def test_the_demos_accounts_are_those_of_its_bank() -> None:
    file = read_file(Path(demo.__path__[0]) / "seed" / "accounts.toml", AccountsFile)
    assert all(entry.iban == iban_of(entry.tenant) for entry in file.accounts)
