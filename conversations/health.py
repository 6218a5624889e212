"""How an account is doing, and why one should look after it. Pure: numbers in, reasons in words out."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log2

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.analytics.wording import duration, number
from conversations.models.known import Sign

RECENT_DAYS = 28
USUAL_DAYS = 84
"""Before the recent ones: what is usual."""
LONGER = 3
"""Times as long as usual, of waiting and of silence."""
TIMES_IN_WORDS = 20
LEAST_WAIT = 3600
LEAST_WAIT_UNKNOWN = 86_400
"""Seconds, where nothing was ever answered by which a wait could be measured."""
LEAST_SILENCE = 7
LEAST_CONTACTS = 5
"""Days with contact, before one can tell a rhythm."""
MORE = 2
LEAST_VOLUME = 5
LEAST_JUDGED = 3
UNHAPPY = 0.5


@dataclass(frozen=True, slots=True)
class Vitals:
    """What is known of an account. Waits and answers in seconds; None: nothing to go by.

    `recent`: conversations that began in the last `RECENT_DAYS`; `usual`: in so many days, on average of the
    `USUAL_DAYS` before, None for an account that is younger. `judged`: of the last ones, those whose mood a model told.
    """

    waiting: int = 0
    longest_wait: float | None = None
    usual_answer: float | None = None
    recent: int = 0
    usual: float | None = None
    judged: int = 0
    unhappy: int = 0
    silent_days: int | None = None
    usual_gap: float | None = None
    """Days from one with contact to the next, on average."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`weight`: 1 when it is just worth a look; 1 more each time that it is twice as bad."""

    sign: Sign
    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """`put_aside`: signs that somebody knows of; they weigh nothing."""

    reasons: list[Reason] = field(default_factory=list)
    put_aside: list[Reason] = field(default_factory=list)

    @property
    def weight(self) -> float:
        return sum(reason.weight for reason in self.reasons)


def judge(vitals: Vitals, known: frozenset[str] = frozenset()) -> Judgement:
    """The reasons why an account needs attention, the weightiest first."""
    found = [reason for reason in (_waiting(vitals), _mood(vitals), _silence(vitals), _volume(vitals)) if reason]
    found.sort(key=lambda reason: -reason.weight)
    return Judgement(
        [reason for reason in found if reason.sign not in known], [reason for reason in found if reason.sign in known]
    )


def _waiting(vitals: Vitals) -> Reason | None:
    wait, usual = vitals.longest_wait, vitals.usual_answer
    if wait is None:
        return None
    if not usual:
        if wait < LEAST_WAIT_UNKNOWN:
            return None
        words = _("Has waited for an answer for %(wait)s.") % {"wait": duration(wait)}
        return _reason(Sign.WAITING, words, wait / LEAST_WAIT_UNKNOWN)
    if wait < LEAST_WAIT or wait < LONGER * usual:
        return None
    if wait < TIMES_IN_WORDS * usual:
        words = _("Has waited for %(wait)s, %(times)s times as long as usual.")
    else:
        words = _("Has waited for %(wait)s, where an answer usually takes %(usual)s.")
    words %= {"wait": duration(wait), "times": number(round(wait / usual)), "usual": duration(usual)}
    return _reason(Sign.WAITING, words, wait / usual / LONGER)


def _mood(vitals: Vitals) -> Reason | None:
    if vitals.judged < LEAST_JUDGED or vitals.unhappy < UNHAPPY * vitals.judged:
        return None
    words = _("%(n)s of the last %(all)s conversations sound unhappy.") % {"n": vitals.unhappy, "all": vitals.judged}
    return _reason(Sign.SENTIMENT, words, vitals.unhappy / vitals.judged / UNHAPPY)


def _silence(vitals: Vitals) -> Reason | None:
    if vitals.silent_days is None or vitals.usual_gap is None or vitals.waiting:
        return None
    if vitals.silent_days < max(LEAST_SILENCE, LONGER * vitals.usual_gap):
        return None
    days = max(1, round(vitals.usual_gap))
    usually = ngettext("usually every day", "usually every %(n)s days", days) % {"n": days}
    words = _("No message for %(days)s days, %(usually)s.") % {"days": vitals.silent_days, "usually": usually}
    return _reason(Sign.SILENCE, words, vitals.silent_days / max(LEAST_SILENCE, LONGER * vitals.usual_gap))


def _volume(vitals: Vitals) -> Reason | None:
    if vitals.usual is None or vitals.recent < LEAST_VOLUME or vitals.recent < MORE * vitals.usual:
        return None
    words = _("%(n)s new conversations in four weeks, usually %(usual)s.") % {
        "n": vitals.recent, "usual": number(round(vitals.usual)),
    }  # fmt: skip
    return _reason(Sign.VOLUME, words, vitals.recent / max(vitals.usual, 1) / MORE)


def _reason(sign: Sign, words: str, badness: float) -> Reason:
    """`badness`: how many times over the threshold."""
    return Reason(sign, words, round(1 + log2(max(badness, 1.0)), 2))
