"""09:00 to 10:15 in Heinsberg: hours change, a colleague goes home, and why a time is not offered."""

from typing import Any

from tests.booking.day.before import CARD, HEINSBERG, TUESDAY
from tests.booking.day.teller import Chapters, Teller
from tests.booking.support.citizen import SERVICE_TOKEN

INGO = HEINSBERG[2]
EFFECT = (
    "version dry_run days conflicts.number conflicts.lane conflicts.start conflicts.cause conflicts.detail earliest"
)


async def what_if(day: Teller) -> None:
    day.chapter("09:00", "What if Anna had Tuesday afternoons off?")
    day.tell("""Bernd Lennartz leads the office. From now on Anna will not work on Tuesday afternoons. Opening rules
        belong to a place, or to one lane of it; all of them are the town's rule set, which has a version.""")
    bernd = day.kept["bernd"] = day.staff("BERND", "bernd.lennartz", "lead")
    rules = await day.ask(
        "GET",
        "/v1/staff/rules",
        token=bernd,
        entries=1,
        show="version region opening.location_id opening.lane_id opening.rules customs",
    )
    day.tell("Whose lane is which, the directory says.")
    lanes = await day.ask("GET", "/v1/staff/lanes", token=bernd, entries=2)
    place = rules_of(rules, lanes["items"][0]["id"])
    body = place | {"rules": [rule | until_noon(rule) for rule in place["rules"]]}
    day.kept["new hours"] = body
    day.tell("""He asks before he does it: a dry run writes nothing, and says which days change, and whose visits
        would stand where nobody is. No service's earliest time changes: four colleagues are there.""")
    await day.ask(
        "PUT",
        "/v1/staff/rules/opening",
        body | {"dry_run": True},
        token=bernd,
        sent="lane_id rules.weekday rules.opens rules.closes dry_run",
        show=EFFECT,
        entries=2,
    )
    day.tell("""And if the whole town hall went on an outing tomorrow? That would be felt: for each service, its
        earliest time before and after.""")
    await day.ask(
        "POST",
        "/v1/staff/rules/closures",
        {"first_day": TUESDAY, "reason": "Staff outing", "dry_run": True},
        token=bernd,
        show="dry_run days conflicts.number conflicts.lane earliest",
        entries=2,
    )


async def change(day: Teller) -> None:
    day.chapter("09:05", "The change, and whom it strands")
    day.tell("""`if_version` refuses the change if somebody else was quicker, `note` is for the history. The visits
        stay untouched: Emil's is listed as a conflict, until somebody has dealt with it.""")
    bernd = day.kept["bernd"]
    await day.ask(
        "PUT",
        "/v1/staff/rules/opening",
        day.kept["new hours"] | {"note": "Anna: Tuesdays until noon", "if_version": 1},
        token=bernd,
        sent="lane_id note if_version",
        show="version dry_run conflicts.number",
    )
    found = await day.ask("GET", "/v1/staff/conflicts", token=day.kept["anna"])
    conflict = found["items"][0]
    day.names.give(conflict["id"], "CONFLICT_EMIL")
    day.tell("Anna will stay for Emil this once, and says so: his visit is kept as it stands.")
    await day.ask(
        "POST", f"/v1/staff/conflicts/{conflict['id']}/acceptance", token=day.kept["anna"], once=False, status=204
    )
    day.tell("Who changed what, when and why:")
    await day.ask("GET", "/v1/staff/rules/versions", token=bernd)


async def absence(day: Teller) -> None:
    day.chapter("09:20", "A clerk is absent from this minute")
    day.tell(f"""{INGO} goes home with a fever, until tomorrow night. One call plans all of his visits: a colleague at
        the same time, where one is free; else another time is offered by mail; and whom nobody can write to is
        called.""")
    bernd = day.kept["bernd"]
    body: dict[str, Any] = {
        "clerk_id": day.thing("INGO_REINERS", "heinsberg", "clerk", INGO),
        "ends_at": f"{TUESDAY}T23:55:00+01:00",
        "note": "Your clerk is not here, we are sorry.",
    }
    planned = await day.ask("POST", "/v1/staff/absences", body | {"dry_run": True}, token=bernd)
    day.names.give(planned["plan"], "PLAN")
    day.tell("""Nothing has happened yet. He sends it back with the plan's fingerprint: exactly this plan is applied,
        in one transaction, or none (409 `plan_stale`, had a visit come in between).""")
    done = await day.ask(
        "POST",
        "/v1/staff/absences",
        body | {"plan": planned["plan"]},
        token=bernd,
        show="id plan measures.number measures.outcome measures.clerk",
    )
    day.names.give(done["id"], "ABSENCE")


async def call_list(day: Teller) -> None:
    day.chapter("09:25", "Three people, three ways")
    day.tell("Greta sees another clerk's name in her calendar, and that is all.")
    greta = day.kept["GRETA"]
    await day.ask(
        "GET", f"/v1/staff/appointments/{greta['id']}", token=day.kept["anna"], show="number state start clerk"
    )
    day.tell("Otto has no mail address. His visit stands until somebody has spoken with him; Anna calls and moves it.")
    anna, otto = day.kept["anna"], day.kept["OTTO"]
    calls = await day.ask("GET", "/v1/staff/call-list", token=anna)
    day.names.give(calls["items"][0]["id"], "CALL")
    await day.ask(
        "POST",
        f"/v1/staff/appointments/{otto['id']}/reschedule",
        {"start": f"{TUESDAY}T11:00:00+01:00"},
        token=anna,
        show="number state start clerk.display_name",
    )
    await day.ask("GET", "/v1/staff/call-list", token=anna)
    day.tell("""Paula finds a mail: the office could not keep her time, she may choose another for seven days, and her
        number stays.""")
    paula = day.kept["PAULA"]
    path = f"/v1/appointments/{paula['id']}"
    await day.ask("GET", f"/internal{path}/letter", token=SERVICE_TOKEN, show="state rebook_until")
    await day.ask(
        "POST",
        f"{path}/rebooking",
        {"start": f"{TUESDAY}T11:30:00+01:00"},
        token=paula["access_token"],
        show="number state version start clerk office_note rebook_until",
    )


async def why_not(day: Teller) -> None:
    day.chapter("10:00", "Why is this slot not offered?")
    day.tell("""Somebody complains on the telephone: tomorrow at two there is nothing! Anna asks, and each lane gives
        the first rule that rejects it, in German and English.""")
    card = day.thing("CARD_IN_HEINSBERG", "heinsberg", "service", CARD)
    body = {"items": [{"service_id": card}], "start": f"{TUESDAY}T14:00:00+01:00"}
    await day.ask(
        "POST",
        "/v1/staff/slot-explanations",
        body,
        token=day.kept["anna"],
        once=False,
        entries=6,
        show="is_offered lanes.name lanes.is_offered lanes.code lanes.why.en",
    )


async def overbook(day: Teller) -> None:
    day.chapter("10:05", "And all the same")
    day.tell("""It is urgent: the caller flies on Wednesday. Anna may not book beside another visit. Bernd may, for
        himself, and the flag says so to everybody who looks at his day.""")
    body = {
        "items": [{"service_id": day.thing_id("heinsberg", "service", CARD)}],
        "booked_via": "phone",
        "start": f"{TUESDAY}T14:00:00+01:00",
        "clerk_id": day.thing("BERND_LENNARTZ", "heinsberg", "clerk", "Bernd Lennartz"),
        "contact": {"given_name": "Ines", "family_name": "Mobers", "phone": "02452 131"},
        "overbook": True,
    }
    path = "/v1/staff/appointments"
    await day.ask("POST", path, body, token=day.kept["anna"], status=403, sent="start clerk_id overbook")
    await day.ask(
        "POST",
        path,
        body,
        token=day.kept["bernd"],
        status=201,
        sent="start clerk_id overbook",
        show="number state start clerk.display_name flags",
    )


def rules_of(rules: Any, lane_id: int) -> Any:
    return next(place for place in rules["opening"] if place["lane_id"] == lane_id)


def until_noon(rule: Any) -> Any:
    return {"closes": "12:00"} if rule["weekday"] == "tue" else {}


CHAPTERS: Chapters = (what_if, change, absence, call_list, why_not, overbook)
