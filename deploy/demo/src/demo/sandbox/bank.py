"""The sandbox's bank: what a town's account shows of the payouts, as camt.053.001.08. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

from demo.sandbox.settlement import Payout

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
BANK_CODE = "37040044"
PAYERS = {"stripe": "Stripe Technology Europe Ltd", "paypal": "PayPal Europe S.a.r.l. et Cie S.C.A."}


def iban_of(tenant: str) -> str:
    """Always the same for a tenant, with right check digits (ISO 13616)."""
    account = int.from_bytes(tenant.encode(), "big") % 10**10
    bban = f"{BANK_CODE}{account:010d}"
    return f"DE{98 - int(f'{bban}131400') % 97:02d}{bban}"


def statement(tenant: str, day: date, payouts: Sequence[Payout]) -> str:
    """Of one day; the account holds what arrived before, and nothing else."""
    before = sum(payout.amount_cents for payout in payouts if payout.arrives_on < day)
    arrived = [payout for payout in payouts if payout.arrives_on == day]
    after = before + sum(payout.amount_cents for payout in arrived)
    # A day's statement may be fetched again when more has arrived: then it is another one.
    number = f"{tenant}-{day}-{len(arrived)}"
    account = f"<Acct><Id><IBAN>{iban_of(tenant)}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    balances = _balance("OPBD", before, day) + _balance("CLBD", after, day)
    created = f"<CreDtTm>{datetime(day.year, day.month, day.day, 23, tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}</CreDtTm>"
    entries = "".join(map(_entry, arrived))
    inner = f"<Stmt><Id>{escape(number)}</Id>{created}{account}{balances}{entries}</Stmt>"
    head = f"<GrpHdr><MsgId>{escape(number)}</MsgId>{created}</GrpHdr>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}">'
        f"<BkToCstmrStmt>{head}{inner}</BkToCstmrStmt></Document>\n"
    )


def _amount(cents: int) -> str:
    kind = "CRDT" if cents >= 0 else "DBIT"
    return f'<Amt Ccy="EUR">{abs(cents) // 100}.{abs(cents) % 100:02d}</Amt><CdtDbtInd>{kind}</CdtDbtInd>'


def _balance(code: str, cents: int, day: date) -> str:
    return f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(cents)}<Dt><Dt>{day}</Dt></Dt></Bal>"


def _entry(payout: Payout) -> str:
    payer = escape(PAYERS[payout.provider])
    words = escape(f"Auszahlung {payout.id.removeprefix('po_').upper()}")
    details = (
        f"<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>{payer}</Nm></Pty></Dbtr></RltdPties>"
        f"<RmtInf><Ustrd>{words}</Ustrd></RmtInf></TxDtls></NtryDtls>"
    )
    dates = f"<BookgDt><Dt>{payout.arrives_on}</Dt></BookgDt><ValDt><Dt>{payout.arrives_on}</Dt></ValDt>"
    return f"<Ntry>{_amount(payout.amount_cents)}<Sts><Cd>BOOK</Cd></Sts>{dates}{details}</Ntry>"
