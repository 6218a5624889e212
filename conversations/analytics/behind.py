"""Which conversations a figure is made of."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Value
from django.utils import timezone

from accounts.models import Workspace
from conversations.analytics.figures import FIGURES, Kind
from conversations.analytics.scope import Scope
from conversations.analytics.sources import Source
from conversations.models import IN_THE_BACKLOG, Conversation, Fact

NOW = ("open", "waiting", "overdue")
"""What is told of the conversations as they are at this moment; days don't matter to it."""


def conversations_behind(
    workspace: Workspace,
    scope: Scope,
    figure: str,
    *,
    first: date,
    last: date,
    weekday: int | None = None,
    hour: int | None = None,
    least: int | None = None,
    most: int | None = None,
    working: bool = False,
) -> QuerySet[Conversation]:
    """Those of which the figure counts something in these days, each once, newest first.

    `figure`: a key of `FIGURES`, a `Kind`, `backlog` (open at the end of the last day) or one of `NOW`. `weekday`
    (0: Monday) and `hour`: a field of the heat map; `least` and `most`: a bar, in seconds (with `working` those in
    working hours) or replies; of those who wait, how long they have by now. ValueError for a figure that there is none.
    """
    source = Source(workspace, scope)
    if figure in NOW:
        found = _now(source, figure, least=least, most=most)
    elif figure == "backlog":
        found = Conversation.objects.filter(pk__in=_open_after(source, last))
    else:
        facts = source.facts().filter(kind__in=_kinds(figure), day__range=(first, last))
        if weekday is not None:
            facts = facts.filter(day__iso_week_day=weekday + 1)
        if hour is not None:
            facts = facts.filter(hour=hour)
        column = "working" if working else "value"
        if least is not None:
            facts = facts.filter(**{f"{column}__gte": least})
        if most is not None:
            facts = facts.filter(**{f"{column}__lt": most})
        found = Conversation.objects.filter(pk__in=facts.values("conversation"))
    return found.filter(workspace=workspace).order_by("-last_message_at", "-pk")


def _kinds(figure: str) -> tuple[str, ...]:
    if figure in FIGURES:
        return FIGURES[figure].kinds
    if figure in Kind.values:
        return (figure,)
    raise ValueError(f"There is no figure {figure}.")


def _now(source: Source, figure: str, *, least: int | None, most: int | None) -> QuerySet[Conversation]:
    found = source.conversations().unclosed()
    if figure == "open":
        return found
    now, waiting = timezone.now(), found.exclude(waiting_since=None)
    if least:  # a wait that begins by a clock ahead of ours is of no time, as on the chart
        waiting = waiting.filter(waiting_since__lte=now - timedelta(seconds=least))
    if most is not None:
        waiting = waiting.filter(waiting_since__gt=now - timedelta(seconds=most))
    return waiting.filter(response_due_at__lt=now) if figure == "overdue" else waiting


def _open_after(source: Source, last: date) -> QuerySet[Fact, int]:
    """What left the backlog later, and what is in it still: few, however much went through it before."""
    midnight = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(source.workspace.time_zone))
    gone = source.facts().filter(kind=Kind.BACKLOG_OUT, began_at__isnull=False).alias(there=IN_THE_BACKLOG)
    unclosed = Conversation.objects.filter(workspace=source.workspace).listed().unclosed()
    moves = source.facts().filter(conversation__in=unclosed.values("pk"), day__lte=last)
    came, went = Count("pk", filter=Q(kind=Kind.BACKLOG_IN)), Count("pk", filter=Q(kind=Kind.BACKLOG_OUT))
    still = moves.order_by().values("conversation").annotate(n=came - went).filter(n__gt=0)
    then = gone.filter(there__contains=Value(midnight))
    return then.values_list("conversation", flat=True).union(still.values_list("conversation", flat=True))
