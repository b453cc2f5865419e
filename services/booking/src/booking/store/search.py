"""Search entries: written as a whole with a new catalogue, and ranked for a query."""

from collections.abc import Sequence
from uuid import UUID, uuid5

import msgspec

from booking.domain.search_entries import ClerkText, Entry, Kind, LocationText, ServiceText
from kit.sql import Connection, execute, fetch_all

_NAMESPACE = UUID("0d1c7ab1-6f7e-5c6b-8a55-0a1d5b1f3f02")


async def are_current(connection: Connection, tenant: str) -> bool:
    current: bool = await connection.fetchval(
        "SELECT search_version = catalogue_version FROM tenant WHERE slug = $1", tenant
    )
    return current


async def lock_outdated(connection: Connection, tenant: str) -> bool:
    """False where somebody else was quicker."""
    outdated: bool = await connection.fetchval(
        "SELECT search_version <> catalogue_version FROM tenant WHERE slug = $1 FOR NO KEY UPDATE", tenant
    )
    return outdated


async def list_service_texts(connection: Connection, tenant: str) -> list[ServiceText]:
    return await fetch_all(
        connection,
        ServiceText,
        "SELECT s.id, s.name, s.name_en, s.synonyms, s.life_situations,"
        " array(SELECT DISTINCT u.name FROM offering o JOIN organisational_unit u ON u.id = o.unit_id"
        " WHERE o.service_id = s.id AND o.retired_at IS NULL) AS units"
        " FROM service s WHERE s.tenant = $1 AND s.offered AND s.audience = 'public'",
        tenant,
    )


async def list_location_texts(connection: Connection, tenant: str) -> list[LocationText]:
    return await fetch_all(
        connection,
        LocationText,
        "SELECT l.id, l.name, l.street, l.postcode, l.city,"
        " array(SELECT DISTINCT u.name FROM offering o JOIN organisational_unit u ON u.id = o.unit_id"
        " WHERE o.location_id = l.id AND o.retired_at IS NULL AND o.audience = 'public') AS units"
        " FROM location l WHERE l.tenant = $1 AND l.retired_at IS NULL",
        tenant,
    )


async def list_clerk_texts(connection: Connection, tenant: str) -> list[ClerkText]:
    return await fetch_all(
        connection,
        ClerkText,
        "SELECT DISTINCT ON (c.display_name) c.display_name AS name, c.public_function AS function, u.name AS unit,"
        " p.id AS location_id, coalesce(p.name, '') AS location"
        " FROM clerk c JOIN organisational_unit u ON u.id = c.unit_id"
        " LEFT JOIN lane l ON l.clerk_id = c.id AND l.retired_at IS NULL LEFT JOIN location p ON p.id = l.location_id"
        " WHERE c.tenant = $1 AND c.retired_at IS NULL ORDER BY c.display_name, l.id",
        tenant,
    )


async def replace_entries(connection: Connection, tenant: str, entries: Sequence[Entry]) -> None:
    """For whoever holds the tenant's row locked."""
    await execute(connection, "DELETE FROM search_entry WHERE tenant = $1", tenant)
    await connection.executemany(
        "INSERT INTO search_entry (tenant, kind, id, name, unit, clerk, location_id, sort_key, phrases, words, context)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        [_row(tenant, entry) for entry in entries],
    )
    await execute(connection, "UPDATE tenant SET search_version = catalogue_version WHERE slug = $1", tenant)


def _row(tenant: str, entry: Entry) -> tuple[object, ...]:
    own = f"{tenant}/{entry.kind}/{entry.location_id}/{entry.unit}/{entry.name}/{entry.clerk}"
    return (
        tenant,
        entry.kind,
        entry.id or uuid5(_NAMESPACE, own),
        entry.name,
        entry.unit,
        entry.clerk,
        entry.location_id,
        entry.sort_key,
        entry.phrases,
        entry.words,
        entry.context,
    )


class Query(msgspec.Struct, frozen=True, kw_only=True):
    words: tuple[str, ...]
    """Folded."""
    kinds: tuple[Kind, ...]
    letter: str | None = None
    life_situation: str | None = None
    """These two are services' alone."""


class FoundEntry(msgspec.Struct, frozen=True):
    tenant: str
    kind: Kind
    id: UUID
    name: str
    unit: str
    clerk: str | None
    location_id: UUID | None
    rank: int
    sort_key: str


class Position(msgspec.Struct, frozen=True):
    """In a list, best first."""

    rank: int
    sort_key: str
    id: UUID


async def search_entries(
    connection: Connection, tenants: Sequence[str], query: Query, limit: int, after: Position | None = None
) -> list[FoundEntry]:
    """Best first. Where no words are given: of a life situation what matters most, else by name.

    A word counts by where it is found: it begins the name, a word of it, a word of another phrase; it stands within a
    word (compounds), in what the entry belongs to, or only resembles something. Half of them must be found. Then the
    whole query counts as well, against the phrase that it resembles most.
    """
    return await fetch_all(
        connection,
        FoundEntry,
        """
        SELECT tenant, kind, id, name, unit, clerk, location_id, rank, sort_key FROM (
            SELECT e.*, CASE WHEN cardinality($3::text[]) = 0 THEN
                                 CASE WHEN $6::text IS NULL THEN 0
                                      ELSE coalesce((SELECT s.position FROM service s WHERE s.id = e.id), 100) END
                             WHEN by_words < 0.4 THEN 1000
                             ELSE 1000 - round(700 * by_words + 300 * by_phrase) END::int AS rank
            FROM search_entry e
            CROSS JOIN LATERAL (
                SELECT avg(
                    CASE WHEN e.sort_key LIKE word || '%' THEN 1.0
                         WHEN ' ' || e.sort_key LIKE '% ' || word || '%' THEN 0.97
                         WHEN ' ' || e.words LIKE '% ' || word || '%' THEN 0.94
                         WHEN e.words LIKE '%' || word || '%' THEN 0.85
                         WHEN ' ' || e.context LIKE '% ' || word || '%' THEN 0.75
                         ELSE 0.8 * word_similarity(word, e.words) END) AS by_words
                FROM unnest($3::text[]) AS word
            ) AS w
            CROSS JOIN LATERAL (SELECT CASE WHEN by_words >= 0.4 THEN
                (SELECT max(similarity($4, phrase)) FROM unnest(e.phrases) AS phrase) END AS by_phrase) AS p
            WHERE e.tenant = ANY($1) AND e.kind = ANY($2)
              AND ($5::text IS NULL AND $6::text IS NULL OR EXISTS (
                  SELECT FROM service s WHERE s.id = e.id
                  AND ($5 IS NULL OR s.letter = $5) AND ($6 IS NULL OR $6 = ANY(s.life_situations))))
        ) AS found
        WHERE rank < 1000 AND ($7::int IS NULL OR (rank, sort_key, id) > ($7, $8::text, $9::uuid))
        ORDER BY rank, sort_key, id LIMIT $10
        """,
        tenants,
        query.kinds,
        query.words,
        " ".join(query.words),
        query.letter,
        query.life_situation,
        *((after.rank, after.sort_key, after.id) if after else (None, None, None)),
        limit,
    )
