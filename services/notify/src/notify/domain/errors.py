"""All that can go wrong in notify and is somebody's to mend. The class says status, code and title.

NotifyError
├── Invalid          400 invalid_request         a field is wrong; `errors` names it
├── Unauthorised     401 unauthorised            no token, or one that does not fit
├── Forbidden        403 forbidden               the token is right, but its role is another
├── NotFound         404 not_found
└── Conflict         409 conflict                the state does not allow it (any more)
    └── KeyReused    409 idempotency_key_reused  the key came before, with another body
"""

from collections.abc import Sequence
from typing import ClassVar


class NotifyError(Exception):
    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = ""
    """Empty: what the status is called."""

    def __init__(self, detail: str, errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        """Pairs (field, what is expected)."""


class Invalid(NotifyError):
    status = 400
    code = "invalid_request"

    @classmethod
    def field(cls, name: str, message: str) -> "Invalid":
        return cls(f"{name}: {message}", [(name, message)])


class Unauthorised(NotifyError):
    status = 401
    code = "unauthorised"


class Forbidden(NotifyError):
    status = 403
    code = "forbidden"


class NotFound(NotifyError):
    status = 404
    code = "not_found"


class Conflict(NotifyError):
    status = 409
    code = "conflict"


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    title = "Idempotency key reused"

    def __init__(self, detail: str = "This Idempotency-Key came before, with another body.") -> None:
        super().__init__(detail)
