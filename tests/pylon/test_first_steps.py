"""The first minutes: a checklist that follows the facts, and sample data that leaves no trace."""

from __future__ import annotations

from collections import Counter

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Channel, Contact, Role, User, Workspace
from accounts.roles import NotAllowed
from conversations.models import Conversation, ConversationEvent, EventKind, MessageKind
from conversations.replying import refusal
from conversations.status import Status
from integrations.models import Delivery
from integrations.outbox import publish
from integrations.showing import reroute
from pylon import first_steps, sample_data
from tests import cast
from triage.digests import summarise
from triage.models import TriageChannel
from triage.reckoning import count_all
from triage.reminders import remind

KEPT = {Session, Workspace}


def rows() -> Counter[str]:
    """Of each table how many."""
    return Counter({model._meta.label: model._base_manager.count() for model in apps.get_models() if model not in KEPT})


@pytest.fixture
def triage_channel(workspace: Workspace) -> TriageChannel:
    cast.make_installation(workspace=workspace)
    return cast.make_triage_channel(workspace=workspace)


@pytest.fixture
def admin(dana: User) -> User:
    User.objects.filter(pk=dana.pk).update(role=Role.ADMIN)
    dana.refresh_from_db()
    return dana


def test_each_step_is_done_when_the_facts_say_so(workspace: Workspace, admin: User) -> None:
    def done() -> list[bool]:
        return [step.is_done for step in first_steps.steps(workspace)]

    assert done() == [False] * 6
    sample_data.load(by=admin)
    assert done() == [False] * 6
    cast.make_installation(workspace=workspace)
    channel = cast.make_channel(workspace=workspace, account=cast.make_account(workspace=workspace))
    assert done() == [True, True, False, False, False, False]
    contact = cast.make_contact(workspace=workspace, account=channel.account)
    cast.say("The export is empty", channel=channel, by=contact)
    assert done() == [True, True, False, False, True, False]
    cast.say("Taking a look", channel=channel, by=admin)
    assert done() == [True, True, False, False, True, True]


def test_the_empty_board_leads_on_until_it_is_put_aside(client: Client, workspace: Workspace, admin: User) -> None:
    client.force_login(admin)
    assert "0 of 6 done" in client.get("/board/").content.decode()
    assert "Load sample data" in client.get("/settings/").content.decode()
    client.post("/settings/first-steps/close/")
    page = client.get("/settings/").content.decode()
    assert "of 6 done" not in page
    assert "Load sample data" in page


def test_sample_data_comes_once_and_leaves_no_trace(
    workspace: Workspace, channel: Channel, contact: Contact, admin: User, triage_channel: TriageChannel
) -> None:
    real = cast.say("The export is empty", channel=channel, by=contact).conversation
    publish()
    count_all()
    before = rows()
    sample_data.load(by=admin)
    loaded = rows()
    sample_data.load(by=admin)
    assert rows() == loaded
    conversations = Conversation.objects.filter(workspace=workspace, channel__is_sample=True)
    assert conversations.count() == 15
    assert {status for (status,) in conversations.values_list("status")} == set(Status.values)
    assert conversations.filter(messages__kind=MessageKind.NOTE).exists()
    publish()
    count_all()
    remind()
    sample_data.remove(by=admin)
    count_all()
    left = {name: (before[name], count) for name, count in rows().items() if count != before[name]}
    assert left == {}
    real.refresh_from_db()
    assert Account.objects.filter(is_sample=True).count() == 0


def test_nothing_of_it_goes_out(
    workspace: Workspace, channel: Channel, contact: Contact, admin: User, triage_channel: TriageChannel
) -> None:
    sample_data.load(by=admin)
    while publish():
        pass
    reroute(workspace.pk)
    for conversation in Conversation.objects.filter(channel__is_sample=True):
        conversation.add_note("Only for us", by=admin)
        conversation.assign(None, by=admin)
    publish()
    assert not Delivery.objects.exists()
    assert not ConversationEvent.objects.filter(published_at=None).exists()
    remind()
    assert not ConversationEvent.objects.filter(kind=EventKind.REMINDED).exists()
    Conversation.objects.update(owner=admin)
    assert not summarise(admin, timezone.localdate())
    cast.say("The export is empty", channel=channel, by=contact)
    publish()
    assert Delivery.objects.filter(conversation__channel=channel).exists()


def test_an_account_that_became_real_stays(workspace: Workspace, admin: User) -> None:
    sample_data.load(by=admin)
    acorn = Account.objects.get(name="Acorn Robotics")
    ours = cast.make_channel(workspace=workspace, account=acorn)
    sample_data.remove(by=admin)
    assert list(Account.objects.all()) == [acorn]
    assert list(Channel.objects.all()) == [ours]
    acorn.refresh_from_db()
    assert not acorn.is_sample


def test_only_admins_load_and_remove_it(client: Client, workspace: Workspace, omar: User) -> None:
    client.force_login(omar)
    for address in ("load", "remove"):
        assert client.post(f"/settings/sample/{address}/").status_code == 403
    with pytest.raises(NotAllowed):
        sample_data.load(by=omar)
    assert not Channel.objects.filter(is_sample=True).exists()


def test_a_sample_is_nobody_to_reply_to(workspace: Workspace, admin: User) -> None:
    sample_data.load(by=admin)
    conversation = Conversation.objects.filter(channel__is_sample=True).first()
    assert conversation
    assert "nobody to reply to" in refusal(conversation, admin)
