"""How often people put automatic decisions right: by rule, by kind, week by week."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncWeek
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.decision import BY_PERSON
from conversations.models import ConversationEvent, Correction, CorrectionKind, EventKind, Message, MessageKind
from conversations.placement import RULES

WEEKS, SHOWN = 12, 30
REVERSED_WITHIN = timedelta(hours=24)
"""A person who changes a status so soon after a rule set it, nothing having been said in between, put it right."""
STATUS_RULES = {
    "reply_concludes": gettext_lazy("Our reply concludes"),
    "reply_continues": gettext_lazy("We answered without concluding"),
    "customer_wrote": gettext_lazy("The customer wrote after it was closed"),
    "pleasantry": gettext_lazy("Nothing is asked"),
    "we_wrote_first": gettext_lazy("We wrote first"),
    "late_message": gettext_lazy("A late message"),
    "model": gettext_lazy("Language model"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What a rule decided, and how much of it people corrected."""

    name: str
    decided: int
    corrected: int

    @property
    def share(self) -> float:
        return 100 * self.corrected / self.decided if self.decided else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    since: date
    total: Line
    rules: list[Line]
    kinds: list[tuple[str, int]]
    weeks: list[Line]
    statuses: list[Line]
    newest: list[Correction]


def report(workspace_id: int, now: datetime) -> Report:
    """The last twelve weeks. Of a merge one decision counts as corrected: that its first message opened a
    conversation. What a person took back counts as never corrected."""
    since = (now - timedelta(weeks=WEEKS)).replace(hour=0, minute=0, second=0, microsecond=0)
    since -= timedelta(days=since.weekday())
    corrections = Correction.objects.filter(workspace=workspace_id, created_at__gte=since)
    standing = list(corrections.filter(undone_at=None).order_by("created_at"))
    corrected, by_week = Counter[str](), Counter[date]()
    for correction in standing:
        for rule in corrected_rules(correction):
            corrected[rule] += 1
            by_week[_week(correction.created_at)] += 1
    messages = Message.objects.filter(workspace=workspace_id, created_at__gte=since).exclude(kind=MessageKind.NOTE)
    decided = Counter(dict(messages.order_by().values_list("grouping_rule").annotate(n=Count("pk"))))
    decided.pop("", None)
    decided.pop(BY_PERSON, None)
    decided += corrected
    automatic = messages.exclude(grouping_rule__in=["", BY_PERSON])
    weekly = automatic.order_by().annotate(week=TruncWeek("created_at")).values_list("week").annotate(n=Count("pk"))
    counted = Counter({at.date(): count for at, count in weekly}) + by_week
    weeks = [
        week for n in range(WEEKS + 1) if (week := since.date() + timedelta(weeks=n)) >= min(counted, default=week)
    ]
    return Report(
        since=since.date(),
        total=Line(_("All"), sum(decided.values()), sum(corrected.values())),
        rules=[Line(str(RULES.get(rule, rule)), count, corrected[rule]) for rule, count in decided.most_common()],
        kinds=[(str(kind.label), sum(one.kind == kind for one in standing)) for kind in CorrectionKind],
        weeks=[Line(dateformat.format(week, "j M"), counted[week], by_week[week]) for week in weeks],
        statuses=_statuses(workspace_id, since),
        newest=list(
            corrections.select_related("source", "target", "by_user", "undone_by").order_by("-created_at")[:SHOWN]
        ),
    )


def corrected_rules(correction: Correction) -> list[str]:
    """The rules whose decisions it put right. Replies in a thread only followed their root."""
    placed = [one["rule"] for one in correction.before.values() if "rule" in one and one["rule"] != BY_PERSON]
    if correction.kind == CorrectionKind.MERGE:
        return placed[:1]
    return [rule for rule in placed if rule != "thread"] or placed[:1]


def _statuses(workspace_id: int, since: datetime) -> list[Line]:
    automatic = ConversationEvent.objects.filter(
        workspace=workspace_id, kind=EventKind.STATUS_CHANGED, created_at__gte=since, by_rule__in=STATUS_RULES
    )
    decided = Counter(dict(automatic.order_by().values_list("by_rule").annotate(n=Count("pk"))))
    with connection.cursor() as cursor:
        cursor.execute(
            _REVERSED,
            {
                "workspace": workspace_id,
                "since": since,
                "within": REVERSED_WITHIN.total_seconds(),
                "rules": list(STATUS_RULES),
            },
        )
        reversed_ = dict(cursor.fetchall())
    return [Line(str(STATUS_RULES[rule]), count, reversed_.get(rule, 0)) for rule, count in decided.most_common()]


def _week(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())


# The event before a person's change, among messages and changes, is a rule's change. That somebody takes a matter up
# that a rule put to To Do, is the work going on.
_REVERSED = """
    SELECT before_rule, count(*) FROM (
        SELECT kind, by_user_id, created_at, data ->> 'to' AS became,
               lag(kind) OVER told AS before_kind, lag(by_rule) OVER told AS before_rule,
               lag(data ->> 'to') OVER told AS before_became, lag(created_at) OVER told AS before_at
        FROM conversations_conversationevent
        WHERE workspace_id = %(workspace)s AND created_at >= %(since)s AND kind IN ('status_changed', 'message_added')
        WINDOW told AS (PARTITION BY conversation_id ORDER BY id)
    ) change
    WHERE kind = 'status_changed' AND by_user_id IS NOT NULL AND before_kind = 'status_changed'
      AND before_rule = ANY(%(rules)s) AND created_at - before_at <= make_interval(secs => %(within)s)
      AND NOT (before_became = 'todo' AND became = 'in_progress')
    GROUP BY before_rule
"""
