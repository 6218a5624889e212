"""People from outside in a triage channel: guests, customers, people of other teams. Where one is, posts hide what
customers said.

The members are read once a day, after somebody joined or left, and before the first post.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Contact
from integrations.models import Delivery, DeliveryKind, Installation, Link, LinkKind, Provider
from integrations.slack.client import SlackError, call
from integrations.slack.people import known, learn
from integrations.slack.tasks import check_members
from integrations.wake import wake
from triage.models import TriageChannel

log = structlog.get_logger(__name__)

KINDS = {"member_joined_channel", "member_left_channel"}
CHECK_AFTER = timedelta(days=1)
PAGES = 5
"""Of 200 members each."""
ASKED = 200
"""Members whom we don't know and of whom Slack is asked at once."""
REDRAWN = 500
"""Posts that are drawn again when the first comes or the last goes, the latest first."""


def notice(installation: Installation, kind: str, channel_id: str) -> str:
    """Somebody joined or left. Answers what was done, in words."""
    chosen = TriageChannel.objects.filter(workspace=installation.workspace, channel__external_id=channel_id)
    if chosen.update(members_read_at=None):
        transaction.on_commit(partial(wake, check_members))
        return "the members are read again"
    return "somebody left" if kind == "member_left_channel" else "nothing to do"


def are_in(installation: Installation, place: str) -> bool:
    """Whether people from outside read what is posted there. Raises SlackError while Slack is busy or away."""
    triage = TriageChannel.objects.filter(workspace=installation.workspace_id, channel__external_id=place).first()
    if triage is None:  # chosen no more, or never; what stands there is kept up to date
        return (_count(installation, place) or 0) > 0
    if _is_due(triage):
        _read(installation, place, triage)
    return triage.outsiders > 0


def check_due() -> int:
    """Read the members of those channels where it is time. Answers how many posts are to be drawn again."""
    due = Q(members_read_at=None) | Q(members_read_at__lt=timezone.now() - CHECK_AFTER)
    chosen = TriageChannel.objects.filter(due, channel__is_shared=False, channel__left_at=None)
    drawn = 0
    for triage in chosen.select_related("channel").order_by("pk"):
        installation = _installation(triage)
        if installation is None:
            continue
        try:
            drawn += _read(installation, triage.channel.external_id, triage)
        except SlackError as error:
            log.warning("a triage channel's members could not be read", triage=triage.pk, code=error.code)
    return drawn


def _is_due(triage: TriageChannel) -> bool:
    return triage.members_read_at is None or triage.members_read_at < timezone.now() - CHECK_AFTER


def _read(installation: Installation, place: str, triage: TriageChannel) -> int:
    """Answers how many posts are to be drawn again."""
    mine, before = TriageChannel.objects.filter(pk=triage.pk), triage.members_read_at
    # Marked before Slack is asked: who joins meanwhile unmarks it.
    triage.members_read_at = timezone.now()
    mine.update(members_read_at=triage.members_read_at)
    try:
        count = _count(installation, place)
    except SlackError:
        mine.filter(members_read_at=triage.members_read_at).update(members_read_at=before)
        raise
    if count is None:
        return 0
    had, triage.outsiders = triage.outsiders, count
    mine.update(outsiders=count)
    return _draw_again(triage, place) if bool(had) != bool(count) else 0


def _count(installation: Installation, place: str) -> int | None:
    """None where Slack will not tell. Whoever is there of whom it won't tell is none of our team's."""
    try:
        ids = _member_ids(installation, place) - {installation.bot_user_id}
    except SlackError as error:
        if not error.permanent:
            raise
        log.warning("a channel's members can't be read", channel_id=place, code=error.code)
        return None
    untold = learn(installation, ids, most=ASKED)
    people = known(installation, ids)
    return len(untold - people.keys()) + sum(isinstance(person, Contact) for person in people.values())


def _member_ids(installation: Installation, place: str) -> set[str]:
    ids: set[str] = set()
    cursor: dict[str, Any] = {}
    for _ in range(PAGES):
        page = call(installation, "conversations.members", channel=place, limit=200, **cursor)
        ids |= {str(member) for member in page.get("members") or []}
        cursor = {"cursor": str((page.get("response_metadata") or {}).get("next_cursor") or "")}
        if not cursor["cursor"]:
            break
    return ids


def _draw_again(triage: TriageChannel, place: str) -> int:
    shown = Link.objects.filter(workspace=triage.workspace_id, kind=LinkKind.TRIAGE_POST, place=place, ended_at=None)
    posts = list(shown.order_by("-conversation__last_message_at", "-pk")[:REDRAWN])
    Link.objects.filter(pk__in=[post.pk for post in posts]).update(drawn_version=0)
    deliveries = [
        Delivery(
            workspace_id=post.workspace_id, installation_id=post.installation_id, conversation_id=post.conversation_id,
            kind=DeliveryKind.TRIAGE_POST, place=place,
        )
        for post in posts
    ]  # fmt: skip
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len(deliveries)


def _installation(triage: TriageChannel) -> Installation | None:
    mine = Installation.objects.filter(workspace=triage.workspace_id, provider=Provider.SLACK, revoked_at=None)
    return mine.filter(external_id=triage.channel.external_team_id).first() or mine.order_by("pk").first()
