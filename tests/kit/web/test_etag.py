"""If-None-Match, as clients and proxies write it."""

import pytest

from kit.web.etag import is_known

ETAG = '"abc"'


@pytest.mark.parametrize("header", ['"abc"', 'W/"abc"', '"x", "abc"', '"x,y" ,W/"abc"', "*", " * ", '"","abc"'])
def test_who_has_these_bytes(header: str) -> None:
    assert is_known(ETAG, header)


@pytest.mark.parametrize("header", [None, "", "abc", '"ab"', '"xabc"', 'W/"x"', '"abc', '"x" "y"', "**"])
def test_who_has_others_or_none(header: str | None) -> None:
    assert not is_known(ETAG, header)
