"""16:00 to 20:00: what is counted, what is forgotten, and whether all of it fits."""

from tests.booking.day.teller import Chapters, Teller

from booking.usecases.check_tenant import check_all
from booking.usecases.fold_statistics import fold_statistics


async def statistics(day: Teller) -> None:
    day.chapter("16:00", "What the council asks")
    day.tell("""How much was booked online, how much at the counter, who did not come? The worker counts facts that
        name nobody, and forgets each one when it is counted. What is rare is not shown (null, in the table "*"),
        because a single visit might be told apart; how a rate is computed stands beside it.""")
    while await fold_statistics(day.house.pool):
        pass
    query = {"from": "2026-11-01", "to": "2026-11-30"}
    seen = "first_day last_day by suppressed_below services items rates formulas.online_share formulas.no_show_rate"
    await day.ask("GET", "/v1/staff/statistics", token=day.kept["bernd"], entries=5, show=seen, **query)
    day.tell("The same as a table for spreadsheets, in German or English.")
    await day.ask("GET", "/v1/staff/statistics.csv", token=day.kept["bernd"], entries=12, language="en", **query)


async def erasure(day: Teller) -> None:
    day.chapter("18:30", "Forgotten, at once")
    day.tell("""Aylin's employer sends her abroad; she will not come. She does not only cancel: she wants to be
        forgotten. The visit is cancelled first, and then everything personal goes: contact, notes, links, stored
        answers.""")
    aylin = day.kept["AYLIN"]
    path = f"/v1/appointments/{aylin['id']}"
    await day.ask("POST", f"{path}/erasure", token=aylin["access_token"])
    day.tell("Her token opens nothing any more. What the town keeps is an appointment without anybody.")
    await day.ask("GET", path, token=aylin["access_token"], status=401)
    lead = day.staff("LEAD_OF_WEGBERG", "wegberg.lead", "lead", "wegberg")
    await day.ask(
        "GET",
        f"/v1/staff/appointments/{aylin['id']}",
        token=lead,
        show="number state start person items.service items.quantity history",
    )
    day.tell("""The log of deletions proves it, and can only grow: what was deleted, by which rule and on whose word,
        counted by table. `tests/journeys/test_erasure.py` scans every table, stream and log for a planted name.""")
    admin = day.staff("ADMIN_OF_WEGBERG", "wegberg.admin", "admin", "wegberg")
    await day.ask("GET", "/v1/staff/deletions", token=admin, appointment=aylin["id"])


async def nothing_is_wrong(day: Teller) -> None:
    day.chapter("20:00", "Does it all fit?")
    day.tell("""The checker goes through the eleven tenants: are the masks the rules less the bookings, does each
        visit occupy what it should, and do the stranded ones stand in the list of conflicts?""")
    faults = await check_all(day.house.pool, day.house.clock)
    assert faults == []
    day.verbatim("```\n$ python -m booking check\nNothing is wrong.\n```")


CHAPTERS: Chapters = (statistics, erasure, nothing_is_wrong)
