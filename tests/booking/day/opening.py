"""How the document begins: what it is, who is in it, and where each capability is told."""

from tests.booking.day.teller import Chapters, Teller

TITLE = "# A day in the county"

CAPABILITIES = (
    ("Responsibility", "06:34", "who is responsible, and why"),
    ("Opening rules", "09:00, 09:05", "what if, the change, its conflicts"),
    ("Several services and persons", "06:44, 06:47, 07:30", "found, held, changed; money goes back"),
    ("Earliest anywhere, channels", "06:40, 07:25", "over all towns in one call; by telephone"),
    (
        "Life of an appointment",
        "06:47 to 07:40, 08:00 to 08:40, 10:05",
        "held, mail proved, paid, moved, arrived, missed, overbooked",
    ),
    ("A clerk is absent from this minute", "09:20, 09:25, 11:00", "planned, applied, called; an office closes"),
    ("Waitlist and invitations", "12:00, 13:00", "a freed slot, held; a link for one booking"),
    ("Fairness and abuse", "07:08, 07:15", "challenge and caps"),
    ("Why is this slot not offered?", "10:00", "for each lane, in words"),
    ("Catalogue", "14:00", "faults, difference, one transaction"),
    ("Search", "06:30", "with a typing error"),
    ("Statistics", "16:00", "what the council asks"),
    ("Retention", "18:30", "forgotten at once, and the log"),
)


async def title(day: Teller) -> None:
    day.verbatim(TITLE)
    day.tell("""Monday, 23 November 2026, in Kreis Heinsberg, told as calls of booking's API. Every answer below was
        given by the service itself, over the demo's eleven towns in a real database, on a clock that was set. A test
        tells the day anew and compares (`tests/booking/day`); after a change that is meant, `make docs` writes it.""")
    day.tell("""The people are invented. Ids, numbers and tokens stand here by name (`VISIT_AYLIN`, `TOKEN_AYLIN`),
        because they differ each time; `…` stands for what is left out. The towns are as in `make demo`, but for
        Gangelt, which keeps the house's caps. Each POST that creates or moves something has an `Idempotency-Key` of
        its own; whoever does not know whether it arrived sends it again.""")


async def contents(day: Teller) -> None:
    rows = ["| capability | told at | |", "|---|---|---|"]
    day.verbatim("\n".join(rows + [f"| {name} | {times} | {what} |" for name, times, what in CAPABILITIES]))


CHAPTERS: Chapters = (title, contents)
