from typing import Any

import msgspec
import pytest
from litestar import post
from litestar.params import JSONBody
from litestar.testing import create_test_client

from kit.problems import problem_handlers


class Item(msgspec.Struct, forbid_unknown_fields=True):
    quantity: int


class Order(msgspec.Struct, forbid_unknown_fields=True):
    reference: str
    items: list[Item]


class Broken(Exception):
    pass


@post("/orders", sync_to_thread=False)
def take(data: JSONBody[Order]) -> None:
    if data.reference == "boom":
        raise RuntimeError("a secret cause")


ITEM = {"quantity": 1}


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"items": []}, "reference", "is required"),
        ({"reference": "A", "items": [], "colour": "red"}, "colour", "is not known here"),
        ({"reference": "A", "items": [ITEM, {"quantity": "two"}]}, "items[1].quantity", "Expected `int`, got `str`"),
        ({"reference": "A", "items": [{}]}, "items[0].quantity", "is required"),
    ],
)
def test_a_wrong_field_is_named(body: Any, field: str, message: str) -> None:
    with create_test_client([take], exception_handlers=problem_handlers(Broken)) as client:
        answer = client.post("/orders", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["errors"] == [{"field": field, "message": message}]
    assert problem["detail"] == f"{field}: {message}"
    assert problem["type"] == "about:blank"


def test_the_unforeseen_tells_no_cause() -> None:
    with create_test_client(
        [take], exception_handlers=problem_handlers(Broken), raise_server_exceptions=False
    ) as client:
        answer = client.post("/orders", json={"reference": "boom", "items": []})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "errors" not in answer.json()
