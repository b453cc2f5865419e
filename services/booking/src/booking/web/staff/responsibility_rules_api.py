"""`/v1/staff/responsibility-rules`: who is responsible for whom. Read and replaced as a whole, so nothing is half."""

from typing import Annotated

import msgspec
from litestar import get, put
from litestar.params import JSONBody

from booking.domain.responsibility_entries import RULES_MAX, RuleEntry
from booking.usecases.change_responsibility import RuleList, change_responsibility, list_responsibility
from booking.web.staff.access import RULES, require_staff
from booking.web.wiring import wired
from kit.requests import AnyRequest

BODY_BYTES_MAX = 1024 * 1024
"""A town's list of streets is longer than what citizens send."""


class NewRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: Annotated[tuple[RuleEntry, ...], msgspec.Meta(max_length=RULES_MAX)]
    version: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    """Of the list that was changed: refused (409) if somebody else was quicker. Null: whatever it was."""


@get("/v1/staff/responsibility-rules")
async def get_rules(request: AnyRequest) -> RuleList:
    claims = require_staff(request, RULES)
    return await list_responsibility(wired(request).pool, claims.tenant)


@put("/v1/staff/responsibility-rules", request_max_body_size=BODY_BYTES_MAX)
async def put_rules(request: AnyRequest, data: JSONBody[NewRules]) -> RuleList:
    """Answers with the rules as they are now, and with warnings: what overlaps, and what never applies."""
    claims = require_staff(request, RULES)
    return await change_responsibility(wired(request).pool, claims.tenant, data.items, data.version)


routes = (get_rules, put_rules)
