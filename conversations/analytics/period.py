"""Which days a report is about, and how they are put together. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

DAY = timedelta(days=1)
LONGEST = 3 * 366
"""Days of a period at most."""


class Step(TextChoices):
    DAY = "day", _("By day")
    WEEK = "week", _("By week")
    MONTH = "month", _("By month")


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the workspace's time zone, both included. ValueError when the last is before the first, or too far."""

    first: date
    last: date
    step: Step = Step.DAY

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(gettext("The last day is before the first."))
        if self.days > LONGEST:
            raise ValueError(gettext("At most three years."))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days, right before."""
        last = self.first - DAY
        return Period(last - (self.days - 1) * DAY, last, self.step)

    @property
    def starts(self) -> list[date]:
        """The first day of each step, ascending; the first and the last step may be cut."""
        found = [self.first]
        while (following := self._next(found[-1])) <= self.last:
            found.append(following)
        return found

    def start_of(self, day: date) -> date:
        """The first day of the step in which a day of the period lies."""
        return max(self.first, step_start(day, self.step))

    def _next(self, start: date) -> date:
        begun = step_start(start, self.step)
        if self.step == Step.MONTH:
            return (begun + 31 * DAY).replace(day=1)
        return begun + (DAY if self.step == Step.DAY else 7 * DAY)


def step_start(day: date, step: Step) -> date:
    """Weeks begin on Monday."""
    if step == Step.WEEK:
        return day - day.weekday() * DAY
    return day.replace(day=1) if step == Step.MONTH else day
