"""The weekly summary as Slack shows it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.analytics import wording
from conversations.analytics.answers import Report, Total
from conversations.analytics.choosing import Clock, in_words
from conversations.excerpts import one_line
from conversations.health import Judgement
from conversations.models import Conversation
from integrations.slack.post.words import escape, mrkdwn, plain, section
from triage.weekly import Weekly

FIGURES = ("new", "closed", "first_response", "resolution", "target_rate", "reopened")
SIGNS = {"better": "✅", "worse": "⚠️", "": ""}


def draw(weekly: Weekly) -> dict[str, Any]:
    """`text`, for notifications, and `blocks`. What people wrote is escaped."""
    found, title = weekly.report, _("The week in figures")
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain(title)},
        _context(_("%(days)s, compared with the seven days before") % {"days": in_words(found.period)}),
        {"type": "section", "fields": [mrkdwn(_figure(found.totals[key])) for key in FIGURES]},
        {"type": "divider"},
        section(_now(found)),
    ]
    if weekly.waits:
        lines = [f"*{_('Waiting longest')}*", *(_wait(conversation) for conversation in weekly.waits)]
        blocks.append(section("\n".join(lines)))
    if weekly.calling:
        blocks.append(section(_calling(weekly)))
    page = f"{settings.BASE_URL}/analytics/?period=custom&amp;first={found.period.first}&amp;last={found.period.last}"
    blocks.append(_context(f"<{page}|{_('Open the figures')}>"))
    return {"text": f"{title}: {_one_line(found)}", "blocks": blocks}


def _one_line(found: Report) -> str:
    counts = {key: wording.number(found.totals[key].now.count) for key in ("new", "closed")}
    return _("%(new)s new, %(closed)s closed") % counts


def _figure(total: Total) -> str:
    value = wording.quantity(total.figure.unit, wording.amount(total.figure, total.now, Clock.WALL))
    change = wording.change(total, Clock.WALL)
    said = f"\n{SIGNS[change.verdict]} {change.words}".rstrip() if change else ""
    return f"*{escape(str(total.figure.label))}*\n{value}{said}"


def _now(found: Report) -> str:
    now = found.now
    words = _("*Right now*: %(open)s open, %(waiting)s waiting for us, %(overdue)s past their target.")
    return words % {
        "open": wording.number(now.open), "waiting": wording.number(now.waiting),
        "overdue": wording.number(now.overdue),
    }  # fmt: skip


def _wait(conversation: Conversation) -> str:
    address = f"{settings.BASE_URL}{conversation.get_absolute_url()}"
    account = escape(str(conversation.account or conversation.channel))
    title = escape(one_line(conversation.title or _("Conversation"), 90))
    since = conversation.waiting_since
    wait = wording.duration((timezone.now() - since).total_seconds()) if since else ""
    owner = escape(conversation.owner.name) if conversation.owner else _("no owner")
    return f"• *{account}*: <{address}|#{conversation.number} {title}> · {wait} · {owner}"


def _calling(weekly: Weekly) -> str:
    lines = [
        f"*{_('Accounts that need attention')}*",
        *(
            f"• <{settings.BASE_URL}/accounts/{one.account.pk}/|{escape(one.account.name)}>: {_why(one.judgement)}"
            for one in weekly.calling
        ),
    ]
    if more := weekly.calling_count - len(weekly.calling):
        words = ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more}
        lines.append(f"<{settings.BASE_URL}/analytics/accounts/|{words}>")
    return "\n".join(lines)


def _why(judgement: Judgement) -> str:
    return escape(" ".join(reason.words for reason in judgement.reasons))


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [mrkdwn(text)]}
