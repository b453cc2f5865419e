"""The staff of Heinsberg at their own programs: calls with a member's token."""

import uuid
from typing import Any

import httpx
from tests.support.system import System


class Desk:
    def __init__(self, system: System, member: str = "clerk") -> None:
        self._system = system
        self._token = system.described["staff"][member]

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": str(uuid.uuid4())}
        url = f"{self._system.url('booking')}/v1/staff{path}"
        answer: httpx.Response = self._system.http.request(method, url, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None
