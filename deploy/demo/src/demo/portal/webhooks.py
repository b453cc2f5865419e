"""Is a webhook really from payment? `Schalter-Signature` covers the raw body and its time."""

import hashlib
import hmac
import re
from datetime import datetime

TOLERANCE_S = 300


def is_genuine(header: str, body: bytes, secret: str, now: datetime) -> bool:
    """`header` is `t=<unix>,v1=<hex hmac-sha256 of "t.body">`; an old one may be a replay and is refused.

    While the secret is being changed there are two `v1`, one by each secret: ours must be among them.
    """
    match = re.fullmatch(r"t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,4})", header)
    if match is None:
        return False
    expected = hmac.new(secret.encode(), f"{match[1]}.".encode() + body, hashlib.sha256).hexdigest()
    is_signed = any(hmac.compare_digest(expected, mac) for mac in match[2].split(",v1=")[1:])
    return is_signed and abs(now.timestamp() - int(match[1])) <= TOLERANCE_S
