"""By when we mean to answer. Pure: (target, since when somebody waits) → when it is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversations.status import Decided, Said, Standing, after, moved, ordered
from triage.hours import ALWAYS, WorkingHours


@dataclass(frozen=True, slots=True)
class Target:
    """Minutes of working time: to the answer, before it to warn, after it to escalate (0: not at all). An empty tier
    or priority fits all."""

    minutes: int
    warn_minutes: int = 0
    escalate_minutes: int = 0
    hours: WorkingHours = ALWAYS
    tier: str = ""
    priority: str = ""
    escalate_to: int | None = None

    def fits(self, tier: str, priority: str) -> bool:
        return self.tier in {"", tier} and self.priority in {"", priority}


@dataclass(frozen=True, slots=True)
class Deadline:
    """`warn_at` and `escalate_at` are None where the target has none."""

    due_at: datetime
    warn_at: datetime | None = None
    escalate_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """From the customer's message to our answer, or to whatever ended the waiting; `until` None: still waiting."""

    since: datetime
    until: datetime | None = None


def choose(targets: Iterable[Target], *, tier: str, priority: str) -> Target | None:
    """The first that fits."""
    return next((target for target in targets if target.fits(tier, priority)), None)


def deadline(target: Target, since: datetime) -> Deadline | None:
    """None where the calendar has no working time left in which it could fall due."""
    due_at = _after(target, since, target.minutes)
    if due_at is None:
        return None
    warn_at = _after(target, since, max(0, target.minutes - target.warn_minutes)) if target.warn_minutes else None
    escalate_at = _after(target, since, target.minutes + target.escalate_minutes) if target.escalate_minutes else None
    return Deadline(due_at, warn_at, escalate_at)


def waits(history: Sequence[Said | Decided]) -> list[Wait]:
    """Every time that the customer waited for us, from all that was said and decided, in any order."""
    standing, found = Standing(), list[Wait]()
    for step in ordered(history):
        before = standing.waiting_since
        if isinstance(step, Decided):
            standing = moved(standing, step.status, step.at, by_person=step.by_person)
        else:
            standing, _ = after(standing, step)
        if before is None and standing.waiting_since:
            found.append(Wait(standing.waiting_since))
        elif before and standing.waiting_since is None:
            found[-1] = Wait(found[-1].since, step.at)
    return found


def _after(target: Target, since: datetime, minutes: int) -> datetime | None:
    return target.hours.after(since, timedelta(minutes=minutes))
