"""Posts each workspace's summary once a week."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import require_admin
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation, Provider
from integrations.slack.weekly_text import draw
from triage.models import WeeklyPost, WeeklySummary
from triage.weekly import day_due, summarise, week_of


def make_weeklies(*, now: datetime | None = None) -> int:
    """Those that are due. Answers how many wait to be sent; each workspace gets one a week."""
    now = now or timezone.now()
    made = 0
    for post in WeeklyPost.objects.filter(is_on=True).select_related("workspace", "channel"):
        day = day_due(post, now)
        if day and not WeeklySummary.objects.filter(workspace=post.workspace_id, week=week_of(day)).exists():
            made += _make(post, day)
    return made


def send_now(post: WeeklyPost, *, by: User) -> Delivery:
    """What an admin asks for beside what comes by itself. ValidationError while another is on its way, or where there
    is nowhere to post it."""
    require_admin(by)
    delivery = _delivery(post, timezone.localdate())
    if delivery is None:
        raise ValidationError(_("Choose a channel first, in a Slack workspace that is connected."))
    with transaction.atomic():
        WeeklyPost.objects.select_for_update().get(pk=post.pk)
        mine = Delivery.objects.filter(workspace=post.workspace_id, kind=DeliveryKind.WEEKLY)
        if mine.filter(state__in=[DeliveryState.PENDING, DeliveryState.SENDING]).exists():
            raise ValidationError(_("One is on its way already."))
        delivery.save()
    return delivery


def _make(post: WeeklyPost, day: date) -> bool:
    delivery = _delivery(post, day)
    if delivery is None:
        return False  # nowhere to post it yet: it stays due
    with transaction.atomic():
        _row, is_new = WeeklySummary.objects.get_or_create(workspace_id=post.workspace_id, week=week_of(day))
        if is_new:
            delivery.save()
    return is_new


def _delivery(post: WeeklyPost, day: date) -> Delivery | None:
    installation = _installation(post)
    if installation is None or post.channel is None:
        return None
    return Delivery(
        workspace_id=post.workspace_id, installation=installation, kind=DeliveryKind.WEEKLY,
        place=post.channel.external_id, request=draw(summarise(post.workspace, day)),
    )  # fmt: skip


def _installation(post: WeeklyPost) -> Installation | None:
    """The one through which we see the channel, or else another of the workspace."""
    if post.channel is None:
        return None
    mine = Installation.objects.filter(workspace=post.workspace_id, provider=Provider.SLACK, revoked_at=None)
    return mine.filter(external_id=post.channel.external_team_id).first() or mine.order_by("pk").first()
