"""By which mail server a mail goes: the house's, or its tenant's own, as `configure` stored it under ACCOUNTS_KEY."""

from cryptography.fernet import Fernet, InvalidToken
from msgspec import MsgspecError, Struct, json

from notify.mail.smtp import Server


class AccountUnreadable(Exception):
    """It was stored under another ACCOUNTS_KEY, or there is none."""


class Account(Struct, frozen=True):
    server: Server
    bounce_domain: str
    """Domain of envelope senders, to which returned mails come."""


class Accounts:
    def __init__(self, house: Account, key: str | None) -> None:
        self._house = house
        self._fernet = Fernet(key) if key else None
        self._read: dict[bytes, Account] = {}

    def of(self, secrets: bytes | None) -> Account:
        """None: the house's. Raises AccountUnreadable."""
        if secrets is None:
            return self._house
        if secrets not in self._read:
            self._read[secrets] = self._decrypt(secrets)
        return self._read[secrets]

    def _decrypt(self, secrets: bytes) -> Account:
        if self._fernet is None:
            raise AccountUnreadable
        try:
            return json.decode(self._fernet.decrypt(secrets), type=Account)
        except (InvalidToken, MsgspecError):
            raise AccountUnreadable from None


def encrypt(account: Account, key: str) -> bytes:
    return Fernet(key).encrypt(json.encode(account))
