from typing import Annotated, Any

import msgspec
import pytest
from litestar import get, post
from litestar.params import JSONBody, QueryParameter
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
    assert (problem["type"], problem["title"]) == ("about:blank", "Bad Request")


def test_a_missing_body_is_asked_for() -> None:
    with create_test_client([take], exception_handlers=problem_handlers(Broken)) as client:
        answer = client.post("/orders")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "body", "message": "A JSON body is needed."}]


@get("/orders", sync_to_thread=False)
def show(wanted: Annotated[int, QueryParameter(name="state")] = 0) -> int:
    return wanted


def test_a_wrong_parameter_is_named_as_it_is_called_outside() -> None:
    with create_test_client([show], exception_handlers=problem_handlers(Broken)) as client:
        problem = client.get("/orders", params={"state": "open"}).json()
    assert [error["field"] for error in problem["errors"]] == ["state"]


class Refused(Exception):
    status, code, title, detail, errors = 409, "conflict", "", "It is too late.", ()


class Taken(Refused):
    code, title = "slot_taken", "Slot taken"


@pytest.mark.parametrize(
    ("error", "type_", "title"),
    [(Refused, "about:blank", "Conflict"), (Taken, "urn:problem-type:schalter:slot_taken", "Slot taken")],
)
def test_only_what_says_more_than_its_status_has_a_type(error: type[Refused], type_: str, title: str) -> None:
    @post("/fail", sync_to_thread=False)
    def fail() -> None:
        raise error

    with create_test_client([fail], exception_handlers=problem_handlers(Refused)) as client:
        problem = client.post("/fail").json()
        unknown = client.get("/nowhere").json()
        wrong = client.get("/fail").json()
    assert (problem["type"], problem["title"], problem["code"]) == (type_, title, error.code)
    assert (unknown["type"], unknown["title"], unknown["code"]) == ("about:blank", "Not Found", "not_found")
    assert (wrong["type"], wrong["title"]) == ("about:blank", "Method Not Allowed")


def test_the_unforeseen_tells_no_cause() -> None:
    with create_test_client(
        [take], exception_handlers=problem_handlers(Broken), raise_server_exceptions=False
    ) as client:
        answer = client.post("/orders", json={"reference": "boom", "items": []})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "errors" not in answer.json()
    assert answer.json()["title"] == "Internal Server Error"
