"""The way from an empty workspace to the first captured message: what is done is seen from the facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Channel, ChannelKind, User, Workspace
from accounts.roles import require_admin
from conversations.models import Message, MessageKind
from integrations.models import Installation, Provider
from triage.models import TriageChannel


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    how: str
    url: str
    is_done: bool


def steps(workspace: Workspace) -> Sequence[Step]:
    """In the order in which they lead on. Seven queries at most."""
    said = Message.objects.filter(workspace=workspace, channel__is_sample=False)
    installed = Installation.objects.filter(workspace=workspace, provider=Provider.SLACK, revoked_at=None)
    customers = Channel.objects.filter(
        workspace=workspace, kind=ChannelKind.CUSTOMER, is_sample=False, left_at=None, archived_at=None
    )
    return (
        Step(
            _("Connect your Slack workspace"),
            _("Make the app from our manifest, paste what Slack shows, install it."),
            reverse("slack-settings"),
            installed.exists(),
        ),
        Step(
            _("Add Pylon to a customer’s channel"),
            _("Write /invite @Pylon there, or choose from a list. Who invites it owns the channel."),
            reverse("add-channels"),
            customers.exists(),
        ),
        Step(
            _("Choose a triage channel"),
            _("An internal channel in which your team sees what is open and discusses it."),
            reverse("triage"),
            TriageChannel.objects.filter(workspace=workspace).exists(),
        ),
        Step(
            _("Invite your team"),
            _("Everybody who answers customers, by e-mail or with Slack."),
            reverse("team"),
            workspace.invitations.exists() or workspace.users.exclude(last_login=None).count() > 1,
        ),
        Step(
            _("Capture the first message"),
            _("Wait until a customer writes, or write one as them to try it out."),
            reverse("board"),
            said.filter(kind=MessageKind.INBOUND).exists(),
        ),
        Step(
            _("Answer it"),
            _("In Slack as ever, or from the conversation’s page: the card follows your answer."),
            reverse("board"),
            said.filter(kind=MessageKind.OUTBOUND).exists(),
        ),
    )


def put_aside(*, by: User) -> None:
    """Show the steps no more, for the whole workspace."""
    require_admin(by)
    Workspace.objects.filter(pk=by.workspace_id).update(first_steps_closed_at=timezone.now())
