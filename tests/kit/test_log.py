"""What a log line never holds."""

import json
import logging
import sys

import asyncpg
import pytest

from kit.log import JsonFormatter
from kit.sql import Pool


def formatted(message: str, **extra: object) -> str:
    record = logging.LogRecord("x", logging.INFO, "f", 1, message, (), None)
    record.__dict__.update(extra)
    return JsonFormatter("booking").format(record)


@pytest.mark.parametrize("path", ["zugang", "aktivierung", "einladung", "checkout", "feeds"])
def test_a_token_in_a_path_is_left_out(path: str) -> None:
    line = formatted("failed", path=f"/heinsberg/{path}/geheim.marke?x=1")
    assert "geheim" not in line
    assert json.loads(line)["path"].endswith(f"/{path}/…?x=1")


def test_a_bearer_token_is_left_out() -> None:
    assert "geheim" not in formatted("Authorization: Bearer geheim.marke")


async def test_a_row_that_the_database_refuses_is_left_out(booking_pool: Pool) -> None:
    try:
        await booking_pool.execute(
            "INSERT INTO contact (appointment_id, tenant, given_name, family_name, language)"
            " VALUES (gen_random_uuid(), 'x', 'Zacharias', 'Zwetschgenbaum', 'de')"
        )
    except asyncpg.CheckViolationError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), sys.exc_info())
    line = JsonFormatter("booking").format(record)
    assert "Zwetschgenbaum" not in line
    assert "CheckViolationError" in line
