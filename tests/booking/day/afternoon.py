"""11:00 to 15:00: an office closes, somebody comes earlier, somebody is invited, and the catalogue changes."""

from typing import Any

import msgspec
from tests.booking.day.before import book
from tests.booking.day.other_towns import contact, reserve
from tests.booking.day.teller import Chapters, Teller

from booking.usecases.offer_freed_slots import offer_freed_slots

SHOWN = "services.name services.duration_min services.fee_cents"
TUESDAY, WEDNESDAY, NEXT_WEEK = "2026-11-24", "2026-11-25", "2026-12-01"


async def closing(day: Teller) -> None:
    day.chapter("11:00", "A pipe bursts")
    day.tell("""In Waldfeucht the town hall is under water until tomorrow noon. Nobody can take over, so all who would
        come tomorrow morning are offered another time, in one step; it is the same plan as for an absence, looked at
        first.""")
    lead = day.staff("LEAD_OF_WALDFEUCHT", "wilma.thelen", "lead", "waldfeucht")
    body: dict[str, Any] = {
        "location_id": day.thing("RATHAUS_WALDFEUCHT", "waldfeucht", "location", "Rathaus Waldfeucht"),
        "day": TUESDAY,
        "closed_to": "12:00",
        "reason": "The town hall is closed after water damage.",
    }
    planned = await day.ask(
        "POST",
        "/v1/staff/closings",
        body | {"dry_run": True},
        token=lead,
        show="plan measures.number measures.start measures.outcome",
    )
    day.names.give(planned["plan"], "PLAN_WALDFEUCHT")
    await day.ask(
        "POST",
        "/v1/staff/closings",
        body | {"plan": planned["plan"]},
        token=lead,
        sent="plan",
        show="plan measures.number measures.outcome",
    )
    day.tell("Jan does not want another time. Had he paid, the money would go back now.")
    jan = day.kept["JAN"]
    path = f"/v1/appointments/{jan['id']}"
    await day.ask("GET", path, token=jan["access_token"], show="state office_note rebook_until")
    await day.ask("POST", f"{path}/rebooking/refusal", token=jan["access_token"], show="state version rebook_until")


async def waitlist(day: Teller) -> None:
    day.chapter("12:00", "Coming earlier")
    day.tell("""Defne marries, and has given notice for next week. She would rather come this week, in the morning,
        and says so; her own time stays hers.""")
    notice = day.thing("NOTICE_OF_MARRIAGE", "wegberg", "service", "Anmeldung Eheschließung")
    await book(day, "wegberg", "Norbert Nießen", f"{WEDNESDAY}T09:00", service="Urkundenbestellung")
    defne = await booked(day, "DEFNE", notice, f"{NEXT_WEEK}T10:00:00+01:00", "Defne", "Acar")
    rosa = await booked(day, "ROSA", notice, f"{WEDNESDAY}T09:00:00+01:00", "Rosa", "Beeck")
    path = f"/v1/appointments/{defne['id']}"
    await day.ask("PUT", f"{path}/waitlist", {"to_time": "12:00"}, token=defne["access_token"])
    day.tell("""Rosa cancels Wednesday at nine, when the other registrar is busy. The time is not in the public list
        for a second: it is held, and the worker offers it to whom it fits, whoever was asked least and has waited
        longest first.""")
    await day.ask(
        "POST",
        f"/v1/appointments/{rosa['id']}/cancellation",
        {"reason": "We have moved away."},
        token=rosa["access_token"],
        show="state version",
    )
    await offer_freed_slots(day.house.pool, day.house.catalogues, day.house.clock)
    await day.ask("GET", "/v1/tenants/wegberg/availability", items=f"{notice}:1", days=1, **{"from": WEDNESDAY})
    day.tell("Defne has a mail with one link in it, good for an hour. Looking does nothing; one click takes it.")
    await day.ask("GET", path, token=defne["access_token"], show="number start is_waiting earlier")
    await day.ask(
        "POST",
        f"{path}/earlier-offer/acceptance",
        token=defne["access_token"],
        show="number state version start clerk.display_name is_waiting earlier",
    )


async def booked(day: Teller, name: str, service_id: str, start: str, *person: str) -> Any:
    held = await reserve(day, name, "wegberg", service_id, start)
    body = {"contact": contact(*person), "payment": "counter"}
    await day.quietly(f"/v1/appointments/{held['id']}/confirmation", body, held["access_token"])
    return held


async def invitation(day: Teller) -> None:
    day.chapter("13:00", "Invited")
    day.tell("""Hilde's passport has come from the printer. Anna invites her to collect it, with herself: a link for
        that one service, good for one booking. It goes out by mail, or Anna hands it on.""")
    anna = day.kept["anna"]
    collect = day.thing("COLLECT_A_DOCUMENT", "heinsberg", "service", "Abholung Ausweisdokumente")
    body = {
        "items": [{"service_id": collect}],
        "clerk_id": day.kept["anna's id"],
        "email": "hilde@example.org",
        "note": "Your new passport is here.",
    }
    invited = await day.ask("POST", "/v1/staff/invitations", body, token=anna, status=201)
    token = invited["url"].rpartition("/")[2]
    day.names.give(token, "TOKEN_OF_THE_INVITATION")
    day.names.give(invited["id"], "INVITATION_HILDE")
    await day.ask("GET", "/v1/invitation", token=token, show="tenant items.service_id note expires_at")
    await day.ask(
        "GET", "/v1/invitation/availability", token=token, days=1, **{"from": WEDNESDAY}, show="days.date days.free"
    )
    start = {"start": f"{WEDNESDAY}T10:00:00+01:00"}
    held = await day.ask(
        "POST", "/v1/invitation/appointments", start, token=token, status=201, show="id number state start clerk"
    )
    day.visit("HILDE_2", held)
    await day.quietly(
        f"/v1/appointments/{held['id']}/confirmation", {"contact": contact("Hilde", "Corsten")}, held["access_token"]
    )
    day.tell("Once it is confirmed the link is used up, and her address is gone from the invitation.")
    await day.ask(
        "POST", "/v1/invitation/appointments", {"start": f"{WEDNESDAY}T11:00:00+01:00"}, token=token, status=410
    )
    await day.ask(
        "GET", f"/v1/staff/invitations/{invited['id']}", token=anna, show="state email note used_at appointment_id url"
    )


async def catalogue(day: Teller) -> None:
    day.chapter("14:00", "The catalogue, as one file")
    day.tell("""Eva Schmitz administers Heinsberg. She takes the town's configuration, gives the identity card twenty
        minutes, and asks what that would change. What is wrong is named by its place, all of it at once.""")
    eva = day.kept["eva"] = day.staff("EVA", "eva.schmitz", "admin")
    body = configuration(day, "heinsberg")
    card = next(row for row in body["services"] if row["name"].startswith("Personalausweis beantragen (ab"))
    body["services"].remove(card)
    body["services"].insert(0, card)
    body["services"][0] = card | {"duration_min": 17, "fee_cents": -1}
    await day.ask(
        "POST",
        "/v1/staff/configuration",
        body | {"dry_run": True},
        token=eva,
        once=False,
        status=400,
        sent=f"dry_run {SHOWN}",
        sent_entries=1,
    )
    body["services"][0] = card | {"duration_min": 20}
    await day.ask(
        "POST",
        "/v1/staff/configuration",
        body | {"dry_run": True},
        token=eva,
        once=False,
        sent=f"dry_run {SHOWN}",
        sent_entries=1,
    )
    day.tell("""Then she does it: one transaction, visits that are booked keep their length, new ones take twenty
        minutes. (A town that comes from ZMS starts with `python -m booking import-zms`, and a report of what could
        not be understood.)""")
    await day.ask(
        "POST",
        "/v1/staff/configuration",
        body,
        token=eva,
        once=False,
        sent=SHOWN,
        sent_entries=1,
        show="dry_run changes.verb changes.name",
    )
    await day.ask(
        "GET", "/v1/tenants/heinsberg/services", q="perso", entries=1, show="items.name items.duration_min items.fee"
    )


def configuration(day: Teller, tenant: str) -> Any:
    """As the demo's files have it, of this tenant alone."""
    files = day.house.files
    services, offices = msgspec.to_builtins(files.services), msgspec.to_builtins(files.offices)
    for section in ("building", "office", "responsibility"):
        mine = [entry for entry in offices[section] if entry["tenant"] == tenant]
        offices[section] = [{key: value for key, value in entry.items() if key != "tenant"} for entry in mine]
    return {"services": services, "offices": offices}


CHAPTERS: Chapters = (closing, waitlist, invitation, catalogue)
