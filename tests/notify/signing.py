"""How a browser signs in at the pages for staff."""

from typing import Any

from httpx import Response
from litestar.testing import AsyncTestClient

OWN_FORM = {"Sec-Fetch-Site": "same-origin"}
SIGN_IN = "/verwaltung/anmelden"


async def sign_in(client: AsyncTestClient[Any], token: str, **fields: str) -> Response:
    answer: Response = await client.post(SIGN_IN, data={"token": token} | fields, follow_redirects=False)
    return answer
