"""Every page of the admin, with rows of everything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountImport, AccountMerge, Invitation, SideOverride, User
from conversations.models import Conversation, Correction, Reply, SavedView
from integrations.models import (
    Comparison,
    Consent,
    ConsoleTicket,
    Delivery,
    Difference,
    HistoryReading,
    InboundEvent,
    Link,
    LinkedMessage,
    ModelCall,
    Provider,
    SlackApp,
    ToolApp,
)
from tests import cast
from triage.models import Calendar, Digest, Reminder, ResponseTarget, WeeklyPost, WeeklySummary

SECRET = "let-nobody-read-this"
MOST_QUERIES = 10
HIDDEN_FROM_STAFF = {InboundEvent, SlackApp}
"""What belongs to no workspace."""


def change_path(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def list_path(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def make_everything(number: int) -> list[Model]:
    """A workspace with a row of everything that the admin shows, and `SECRET` in whatever is secret."""
    now = timezone.now()
    workspace = cast.make_workspace(name=f"Acme {number}")
    omar = cast.make_teammate(workspace=workspace, name="Omar Haddad")
    User.objects.filter(pk=omar.pk).update(password=SECRET)
    account = cast.make_account(workspace=workspace, owner=omar)
    contact = cast.make_contact(workspace=workspace, account=account)
    channel = cast.make_channel(workspace=workspace, account=account, owner=omar)
    message = cast.say("The export is empty.", channel=channel, by=contact)
    conversation, other = message.conversation, cast.make_conversation(channel=channel)
    event = conversation.events.latest("pk")
    app = SlackApp.objects.create(client_id=f"1.{number}", credentials={"client_secret": SECRET})
    installation = cast.make_installation(
        workspace=workspace, external_id=f"T{number}", credentials={"bot_token": SECRET},
        webhook_key=f"{SECRET}{number}", slack_app=app, installed_by=omar,
    )  # fmt: skip
    link = Link.objects.create(
        workspace=workspace, conversation=conversation, installation=installation, kind="ticket", external_id="7"
    )
    comparison = Comparison.objects.create(installation=installation, started_by=omar)
    calendar = Calendar.objects.create(workspace=workspace, name="Office")
    request = {"url": SECRET, "headers": {"Authorization": SECRET}, "text": f"https://dana:{SECRET}@globex.example/"}
    return [
        workspace, omar, account, contact, channel, message, conversation, event, app, installation, link, comparison,
        calendar, cast.make_triage_channel(workspace=workspace),
        Invitation.objects.create(
            workspace=workspace, email="kim@acme.example", digest=f"{SECRET}{number}", invited_by=omar, expires_at=now
        ),
        AccountMerge.objects.create(workspace=workspace, kept=account, gone={"name": "Globex Ltd"}, gone_id=1),
        AccountImport.objects.create(
            workspace=workspace, token=f"{SECRET}{number}", name="accounts.csv", table=[["name"]], by_user=omar
        ),
        SideOverride.objects.create(workspace=workspace, channel=channel, external_id="U1", side="us", by_user=omar),
        Reply.objects.create(
            workspace=workspace, conversation=conversation, author=omar, key=cast.make_key(), text="Soon.",
            send_after=now,
        ),
        Correction.objects.create(
            workspace=workspace, kind="merge", source=other, target=conversation, by_user=omar
        ),
        SavedView.objects.create(workspace=workspace, owner=omar, name="Mine", query="owner=me"),
        InboundEvent.objects.create(
            provider=Provider.SLACK, external_id=f"Ev{number}", kind="message", lane="T1:C1",
            body=f'{{"token": "{SECRET}", "event": {{"text": "xoxb-{SECRET}"}}}}',
        ),
        Delivery.objects.create(
            workspace=workspace, installation=installation, conversation=conversation, event=event, kind="post",
            request=request, response={"response_url": SECRET},
        ),
        LinkedMessage.objects.create(link=link, direction="out", message=message),
        ModelCall.objects.create(workspace=workspace, conversation=conversation, message=message, purpose="describe"),
        HistoryReading.objects.create(
            workspace=workspace, installation=installation, channel=channel, by_user=omar, oldest="1700000000.000000"
        ),
        Difference.objects.create(comparison=comparison, link=link, kind="status", ours="Closed"),
        ToolApp.objects.create(workspace=workspace, provider="zendesk", entered={"client_secret": SECRET}),
        Consent.objects.create(
            digest=f"{SECRET}{number}", session=SECRET, workspace=workspace, user=omar, provider="zendesk",
            carried={"verifier": SECRET}, expires_at=now,
        ),
        ConsoleTicket.objects.create(installation=installation, number=1, key="1", title="The export is empty"),
        ResponseTarget.objects.create(
            workspace=workspace, minutes=60, tier=f"Tier {number}", calendar=calendar, escalate_to=omar
        ),
        Reminder.objects.create(
            workspace=workspace, conversation=conversation, kind="due", waiting_since=now - timedelta(hours=1),
            due_at=now,
        ),
        Digest.objects.create(workspace=workspace, user=omar, on=now.date()),
        WeeklyPost.objects.create(workspace=workspace, channel=channel),
        WeeklySummary.objects.create(workspace=workspace, week=now.date()),
        LogEntry.objects.create(
            user=omar, content_type=ContentType.objects.get_for_model(Conversation), object_id=str(conversation.pk),
            object_repr=conversation.title, action_flag=CHANGE, change_message="[]",
        ),
    ]  # fmt: skip


def opened(client: Client, path: str) -> tuple[str, int]:
    """The page, and with how many queries it was made."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode(), len(queries)


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    own = cast.make_workspace(name="Initech")
    client.force_login(cast.make_teammate(workspace=own, name="Kim Park", is_staff=True, is_superuser=True))
    ContentType.objects.get_for_model(Conversation)
    return client


def test_every_page_opens_with_few_queries_and_without_secrets(operator: Client) -> None:
    rows = make_everything(1)
    assert {type(row) for row in rows} == set(admin.site._registry)
    before = {}
    for row in rows:
        page, before[type(row)] = opened(operator, list_path(type(row)))
        assert SECRET not in page
        page, queries = opened(operator, change_path(row))
        assert SECRET not in page, row
        assert queries <= MOST_QUERIES, row
    make_everything(2)
    make_everything(3)
    for model, queries in before.items():
        page, now = opened(operator, list_path(model))
        assert now <= min(queries + 1, MOST_QUERIES), f"{model.__name__}: {queries}, then {now}"


def test_staff_see_their_own_workspace_alone(client: Client, dana: User) -> None:
    client.force_login(dana)
    for row in make_everything(1):
        assert client.get(change_path(row)).status_code == (403 if type(row) in HIDDEN_FROM_STAFF else 302), row


def test_failed_deliveries_are_tried_again_and_readings_stopped(operator: Client) -> None:
    make_everything(1)
    Delivery.objects.update(state="failed", attempts=9)
    for model, action in ((Delivery, "try_again"), (HistoryReading, "stop")):
        chosen = {"action": action, "_selected_action": [model.objects.get().pk]}
        assert operator.post(list_path(model), chosen).status_code == 302
    assert (Delivery.objects.get().state, HistoryReading.objects.get().state) == ("pending", "stopped")
