import msgspec
from litestar import Litestar, post
from litestar.params import JSONBody
from litestar.testing import TestClient

from kit.problems import problem_handlers
from kit.requests import JsonRequest


class Wish(msgspec.Struct):
    wishes: dict[str, object] = {}


@post("/wishes")
async def wish(data: JSONBody[Wish]) -> None:
    assert data


def test_json_that_is_nested_too_deeply_is_its_senders_fault() -> None:
    app = Litestar([wish], request_class=JsonRequest, exception_handlers=problem_handlers(LookupError))
    with TestClient(app) as client:
        for body in ('{"wishes":' * 9_000, '{"wishes":{"x":' + "[" * 9_000, '{"other":' + "[" * 9_000):
            assert client.post("/wishes", content=body).status_code == 400
