"""Money, days and times as people of a language write them. Patterns and names stand in the kit's locale files."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from kit.web.language import Language

SYMBOLS = {"EUR": "€"}


class Formats:
    def __init__(self, t: Language) -> None:
        self._t = t

    def money(self, amount_cents: int, currency: str = "EUR") -> str:
        """46,00 € · €46.00"""
        units, cents = divmod(abs(amount_cents), 100)
        grouped = f"{units:,}".replace(",", self._t("format.group"))
        amount = f"{'-' if amount_cents < 0 else ''}{grouped}{self._t('format.decimal')}{cents:02}"
        return self._t("format.money", amount=amount, symbol=SYMBOLS.get(currency, currency))

    def day(self, day: date) -> str:
        """Mo., 29.03.2027 · Mon, 29 Mar 2027"""
        return self._fill("format.day", day)

    def day_long(self, day: date) -> str:
        """Montag, 29. März 2027 · Monday, 29 March 2027"""
        return self._fill("format.day_long", day)

    def time(self, instant: datetime, zone: str) -> str:
        """10:00 Uhr · 10:00"""
        return self.clock(instant.astimezone(ZoneInfo(zone)).strftime("%H:%M"))

    def clock(self, wall: str) -> str:
        """The same of a wall time that is text already: "10:00"."""
        return self._t("format.time", clock=wall)

    def moment(self, instant: datetime, zone: str) -> str:
        """Mo., 29.03.2027, 10:00 Uhr · Mon, 29 Mar 2027, 10:00"""
        return f"{self.day(instant.astimezone(ZoneInfo(zone)).date())}, {self.time(instant, zone)}"

    def moment_long(self, instant: datetime, zone: str) -> str:
        """Montag, 29. März 2027, 10:00 Uhr · Monday, 29 March 2027, 10:00"""
        return f"{self.day_long(instant.astimezone(ZoneInfo(zone)).date())}, {self.time(instant, zone)}"

    def _fill(self, pattern: str, day: date) -> str:
        return self._t(
            pattern,
            day=day.day,
            month=day.month,
            year=day.year,
            weekday=self._t.list("format.weekdays")[day.weekday()],
            weekday_short=self._t.list("format.weekdays_short")[day.weekday()],
            month_name=self._t.list("format.months")[day.month - 1],
            month_short=self._t.list("format.months_short")[day.month - 1],
        )
