"""Sample data: a believable fortnight for an empty workspace, which leaves no trace when it is removed.

All of it hangs on channels and accounts that are marked as samples. Nothing of it goes to Slack or to a support tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Channel, ChannelKind, Contact, User, Workspace
from accounts.roles import require_admin
from conversations.announce import announce
from conversations.intake import Incoming
from conversations.models import Conversation, Message, Priority
from conversations.services import receive_messages
from pylon.sample_story import STORY, US, Company, Line, Matter

MARK = "SAMPLE-"
"""How the ids of sample channels and contacts begin. No id of Slack's does."""


def is_loaded(workspace: Workspace) -> bool:
    return workspace.channels.filter(is_sample=True).exists()


def load(*, by: User) -> None:
    """Does nothing when it is there already."""
    require_admin(by)
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=by.workspace_id)  # of two clicks the second waits, and sees it
        if is_loaded(by.workspace):
            return
        now = timezone.now()
        for company in STORY:
            _tell(company, by, now)


def remove(*, by: User) -> None:
    """Deletes all that belongs to sample channels and accounts, and nothing else."""
    require_admin(by)
    workspace = by.workspace
    with transaction.atomic():
        gone = Conversation.objects.filter(workspace=workspace, channel__is_sample=True)
        ids = list(gone.values_list("pk", flat=True))
        Message.objects.filter(conversation__in=ids).delete()
        gone.delete()
        workspace.channels.filter(is_sample=True).delete()
        workspace.contacts.filter(external_id__startswith=MARK).delete()
        # An account to which somebody has given a real channel meanwhile has become real.
        samples = workspace.accounts.filter(is_sample=True)
        samples.filter(channels=None).delete()
        samples.update(is_sample=False)
        announce(workspace.pk, ids)


def _tell(company: Company, by: User, now: datetime) -> None:
    workspace = by.workspace
    account, _ = Account.objects.get_or_create(
        workspace=workspace, name=company.name,
        defaults={"tier": company.tier, "domains": [company.domain], "owner": by, "is_sample": True},
    )  # fmt: skip
    channel = Channel.objects.create(
        workspace=workspace, name=company.channel, external_id=f"{MARK}{company.channel}", kind=ChannelKind.CUSTOMER,
        account=account, owner=by, is_sample=True, joined_at=now - timedelta(days=14),
    )  # fmt: skip
    people: dict[str, User | Contact] = {US: by}
    for name in company.people:
        address = f"{name.split()[-1].lower()}@{company.domain}"
        people[name] = Contact.objects.create(
            workspace=workspace, account=account, name=name, email=address,
            external_id=f"{MARK}{address}",
        )  # fmt: skip
    said = sorted(
        ((line, matter) for matter in company.matters for line in matter.lines), key=lambda each: -each[0].days
    )
    for line, matter in said:
        _say(line, matter, channel, people, now)
    for matter in company.matters:
        _finish(matter, channel, by, now)


def _say(line: Line, matter: Matter, channel: Channel, people: Mapping[str, User | Contact], now: datetime) -> None:
    if line.note:
        return
    root = _ts(matter.lines[0], now)
    ts = _ts(line, now)
    thread = root if line.thread and ts != root else None
    receive_messages(channel=channel, batch=[Incoming(ts, line.text, people[line.who], "", thread, [])])


def _finish(matter: Matter, channel: Channel, by: User, now: datetime) -> None:
    conversation = Message.objects.get(channel=channel, ts=_ts(matter.lines[0], now)).conversation
    for line in matter.lines:
        if line.note:
            conversation.add_note(line.text, by=by, at=now - timedelta(days=line.days))
    if matter.tags:
        conversation.tag([*conversation.tags, *matter.tags], by=by)
    if matter.priority:
        conversation.prioritise(Priority(matter.priority), by=by)


def _ts(line: Line, now: datetime) -> str:
    return f"{(now - timedelta(days=line.days)).timestamp():.6f}"
