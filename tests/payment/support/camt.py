"""Bank statements for tests: camt.053 as German banks write it, in the old and in the new words."""

from datetime import date
from typing import Any
from xml.sax.saxutils import escape

IBAN = "DE89370400440532013000"


def amount(cents: int, *, currency: str = "EUR") -> str:
    sign = "CRDT" if cents >= 0 else "DBIT"
    euros = f"{abs(cents) // 100}.{abs(cents) % 100:02d}"
    return f'<Amt Ccy="{currency}">{euros}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'


def balance(code: str, cents: int, day: date) -> str:
    kind = f"<Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
    return f"<Bal>{kind}{amount(cents)}<Dt><Dt>{day}</Dt></Dt></Bal>"


def entry(
    cents: int, day: date, text: str = "", party: str = "", *, status: str = "BOOK", version: str = "001.08"
) -> str:
    is_new = version >= "001.08"
    state = f"<Cd>{status}</Cd>" if is_new else status
    name = f"<Nm>{escape(party)}</Nm>"
    side = "Dbtr" if cents >= 0 else "Cdtr"
    other = f"<{side}>{f'<Pty>{name}</Pty>' if is_new else name}</{side}>"
    parties = f"<RltdPties>{other}</RltdPties>" if party else ""
    words = f"<RmtInf><Ustrd>{escape(text)}</Ustrd></RmtInf>" if text else ""
    details = f"<NtryDtls><TxDtls><Refs/>{parties}{words}</TxDtls></NtryDtls>"
    return f"<Ntry>{amount(cents)}<Sts>{state}</Sts><BookgDt><Dt>{day}</Dt></BookgDt>{details}</Ntry>"


def statement(entries: list[str], opened: int, closed: int, day: date, **changes: Any) -> bytes:
    given = {"number": "2026-321", "iban": IBAN, "version": "001.08"} | changes
    account = f"<Acct><Id><IBAN>{given['iban']}</IBAN></Id></Acct>"
    balances = balance("OPBD", opened, day) + balance("CLBD", closed, day)
    inner = f"<Stmt><Id>{given['number']}</Id>{account}{balances}{''.join(entries)}</Stmt>"
    namespace = f"urn:iso:std:iso:20022:tech:xsd:camt.053.{given['version']}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="{namespace}"><BkToCstmrStmt><GrpHdr/>{inner}</BkToCstmrStmt></Document>'
    ).encode()
