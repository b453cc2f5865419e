"""Reading the files of `configure`, and saying of all that is wrong in them where it stands and what to write."""

import csv
import tomllib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple, TypeVar

from booking.domain import file_faults
from booking.domain.catalogue_files import (
    REMARKS,
    SERVICE_COLUMNS,
    FileError,
    Files,
    OfficesFile,
    ServiceRow,
    read_service_row,
)
from booking.domain.file_checks import check_files
from booking.domain.file_faults import Fault, place_of, read_as
from booking.domain.toml_lines import line_of, toml_lines
from contracts.tenant import TenantProfile, TenantsFile

T = TypeVar("T")


class _Source(NamedTuple):
    file: Path
    lines: dict[file_faults.Path, int]

    def say(self, fault: Fault) -> str:
        place = _column(fault) if self.file.suffix == ".csv" else place_of(fault.path)
        line = f"{self.file}:{line_of(self.lines, fault.path)}"
        return ": ".join(part for part in (line, place, fault.message) if part)


def _column(fault: Fault) -> str:
    return str(fault.path[1]).replace("_cents", "_eur") if len(fault.path) > 1 else ""


def read_files(tenants: Path, services: Path, offices: Path) -> Files:
    """Raises FileError with all that is wrong, not only the first."""
    problems: list[str] = []
    of_tenants, profiles = _read_toml(tenants, TenantsFile, problems)
    of_services, rows = _read_services(services, problems)
    of_offices, rest = _read_toml(offices, OfficesFile, problems)
    if problems or profiles is None or rest is None:
        raise FileError(problems)
    files = Files(profiles.tenants, rows, rest)
    sources = {"tenants": of_tenants, "services": of_services, "offices": of_offices}
    for (file, *path), message in check_files(files):
        problems.append(sources[str(file)].say(Fault(tuple(path), message)))
    if problems:
        raise FileError(problems)
    return files


def read_profile(tenants: Path, slug: str) -> TenantProfile:
    """Of one tenant. Raises FileError."""
    problems: list[str] = []
    _, profiles = _read_toml(tenants, TenantsFile, problems)
    found = next((one for one in profiles.tenants if one.slug == slug), None) if profiles else None
    if found is None:
        raise FileError(problems or [f"{tenants}: has no tenant with the slug “{slug}”: add one, or give --name"])
    return found


def _read_text(file: Path, problems: list[str]) -> str:
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        problems.append(f"{file}: cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        problems.append(f"{file}: is not in UTF-8: save it as “CSV UTF-8” or in UTF-8")
    return ""


def _read_toml(file: Path, type_: type[T], problems: list[str]) -> tuple[_Source, T | None]:
    before = len(problems)
    text = _read_text(file, problems)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{file}: is no TOML: {error}")
    source = _Source(file, toml_lines(text))
    if len(problems) > before:
        return source, None
    faults: list[Fault] = []
    content = read_as(type_, values, faults)
    problems += map(source.say, faults)
    return source, content


def _read_services(file: Path, problems: list[str]) -> tuple[_Source, list[ServiceRow]]:
    text = _read_text(file, problems)
    header = text.partition("\n")[0]
    lines = csv.DictReader(text.splitlines(keepends=True), delimiter=";" if ";" in header else ",", restval="")
    problems += [f"{file}:1: {message}" for message in _check_columns(lines.fieldnames or [])] if text else []
    source, rows, faults = _Source(file, {}), [], list[Fault]()
    for index, row in enumerate(lines):
        source.lines[(index,)] = lines.line_num
        if None in row:
            faults.append(Fault((index,), "has more cells than the first line has columns: put quotes around commas"))
        else:
            rows.append(read_service_row(row, faults, (index,)))
    problems += map(source.say, faults)
    return source, [row for row in rows if row is not None]


def _check_columns(found: Sequence[str]) -> Iterator[str]:
    missing = [column for column, is_needed in SERVICE_COLUMNS.items() if is_needed and column not in found]
    if missing:
        yield f"columns are missing: {', '.join(missing)}"
    for column in found:
        if column not in SERVICE_COLUMNS and column not in REMARKS:
            near = get_close_matches(column, SERVICE_COLUMNS, n=1)
            advice = f"did you mean “{near[0]}”?" if near else "take it out, or call it remark"
            yield f"the column “{column}” is not known here: {advice}"
