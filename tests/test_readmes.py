"""Each service's README names each address that the service answers: of its API, and of pages that one may open."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_ROUTE = re.compile(r"@(get|post|put|delete|patch)\(\s*f?\"([^\"]*)\"([^)]*)")
_PARAMETER = re.compile(r"\{[^}]*\}")


@pytest.mark.parametrize("service", ["booking", "payment", "notify"])
def test_each_address_is_told(service: str) -> None:
    folder = ROOT / "services" / service
    paths = {
        path
        for file in (folder / "src" / service / "web").rglob("*.py")
        for method, path, options in _ROUTE.findall(file.read_text("utf-8"))
        if method == "get" or "include_in_schema=False" not in options
    }
    last = {words[-1] for path in paths if (words := _PARAMETER.sub("", path).strip("/").split("/")) and words[-1]}
    assert len(last) > 5
    told = set(re.findall(r"[/`]([\w.-]+)", (folder / "README.md").read_text("utf-8")))
    assert last - told == set()
