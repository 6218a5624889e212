"""The page of analytics, the conversations behind its figures, and both as files. Whoever may read may read this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from conversations.analytics import drilling, files, page
from conversations.analytics.breakdown import breakdown
from conversations.analytics.charts import charts
from conversations.analytics.choosing import FILTERS, Choice, Clock, Preset
from conversations.analytics.drilling import Drill, UnreadableError
from conversations.analytics.exporting import Cell, as_file
from conversations.analytics.figures import FIGURES
from conversations.analytics.period import Step
from conversations.analytics.report import report
from conversations.analytics.tables import NAMES, SHOWN, sheet
from conversations.board import Key
from conversations.filter_bar import filter_bar
from conversations.models import Conversation
from conversations.requests import SignedInRequest


@login_required
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def analytics(request: SignedInRequest) -> HttpResponse:
    """The page; for its script, with the target `breakdown`, one table of it."""
    choice = Choice.read(request.GET, request.user)
    workspace, scope, period = request.user.workspace, choice.scope, choice.period
    lines = breakdown(
        workspace, scope, period, choice.by,
        lines=None if choice.sort else SHOWN, working=choice.clock == Clock.WORKING,
    )  # fmt: skip
    context: dict[str, object] = {
        "choice": choice,
        "table": sheet(lines, choice),
        "tabs": [(by, label, choice.address(by=by, sort="")) for by, label in NAMES.items()],
    }
    if request.htmx and request.htmx.target == "breakdown":
        return render(request, "analytics/_breakdown.html", context)
    found = report(workspace, scope, period, series_before=False, tables=())
    bar = filter_bar(choice.selection, choice.query, request.user)
    drawn = charts(found, choice)
    context |= {
        "report": found,
        "parts": [part for part in bar.parts if part.name in FILTERS],
        "chips": bar.chips,
        "cards": page.cards(found, choice),
        "every_figure": page.every_figure(found, choice),
        "right_now": page.right_now(found, choice),
        "charts": drawn,
        "drawings": [chart.drawing for chart in drawn if chart.has_data],
        "heat": page.heat(found, choice),
        "hours": range(24),
        "heat_tabs": [(key, FIGURES[key].label, choice.address(heat=key)) for key in page.HEAT_FIGURES],
        "presets": Preset,
        "steps": Step,
        "clocks": Clock,
        "is_empty": not request.user.workspace.conversations.exists(),
        "is_quiet": not any(total.now.count for total in found.totals.values()),
    }
    return render(request, "analytics/analytics.html", context)


@login_required
@require_safe
def conversations(request: SignedInRequest) -> HttpResponse:
    """The list behind a figure. `after`: the key of the last line of the part before."""
    try:
        drill = Drill.read(request.GET, request.user)
        after = Key.parse(request.GET["after"]) if request.GET.get("after") else None
    except (UnreadableError, ValueError) as error:
        return _refused(request, error)
    part = drilling.page(drill.conversations(request.user), after)
    return render(request, "analytics/conversations.html", {"drill": drill, "part": part, "after": after})


@login_required
@require_safe
def export(request: SignedInRequest, what: str) -> HttpResponseBase:
    """A file: `figures`, `series`, `distributions`, `hours`, or a table by its name."""
    choice = Choice.read(request.GET, request.user)
    if choice.problems:
        return _refused(request, UnreadableError(" ".join(choice.problems)))
    if what not in {*files.FILES, *NAMES}:
        raise Http404
    workspace, scope, period = request.user.workspace, choice.scope, choice.period
    if what in NAMES:
        rows = files.table_rows(what, breakdown(workspace, scope, period, what))
    else:
        rows = files.rows(what, report(workspace, scope, period, series_before=False, tables=()))
    return as_file(request, f"{what}_{period.first}_{period.last}", rows)


@login_required
@require_safe
def export_conversations(request: SignedInRequest) -> HttpResponseBase:
    try:
        drill = Drill.read(request.GET, request.user)
    except UnreadableError as error:
        return _refused(request, error)
    return as_file(request, f"conversations_{drill.figure}_{drill.first}_{drill.last}", _listed(drill, request))


def _listed(drill: Drill, request: SignedInRequest) -> Iterator[Sequence[Cell]]:
    yield (
        "number", "title", "account", "owner", "channel", "status", "priority", "tags", "opened_at",
        "first_response_at", "closed_at", "last_message_at", "address",
    )  # fmt: skip
    for one in drilling.every(drill.conversations(request.user)):
        yield _line(one)


def _line(one: Conversation) -> Sequence[Cell]:
    moments = (one.opened_at, one.first_response_at, one.closed_at, one.last_message_at)
    return (
        one.number, one.title, str(one.account or ""), str(one.owner or ""), str(one.channel), one.status,
        one.priority, ", ".join(one.tags), *(at.isoformat(timespec="seconds") if at else "" for at in moments),
        f"{settings.BASE_URL}{one.get_absolute_url()}",
    )  # fmt: skip


def _refused(request: SignedInRequest, error: Exception) -> HttpResponse:
    return render(request, "analytics/refused.html", {"problem": str(error)}, status=HTTPStatus.BAD_REQUEST)
