import pytest

from kit.cursor import cut


@pytest.mark.parametrize(
    ("found", "page", "last"),
    [([], [], None), ([1, 2], [1, 2], None), ([1, 2, 3], [1, 2, 3], None), ([1, 2, 3, 4], [1, 2, 3], 3)],
)
def test_a_page_names_its_last_entry_only_where_more_follow(
    found: list[int], page: list[int], last: int | None
) -> None:
    assert cut(found, 3) == (page, last)
