"""The main models' pages: searched, kept to the workspace, changed where history allows, as cheap for many rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account, Channel, Contact, User, Workspace
from conversations.models import Conversation, ConversationEvent, Message
from integrations.models import (
    Delivery,
    DeliveryKind,
    InboundEvent,
    Installation,
    Link,
    LinkKind,
    ModelCall,
    ModelPurpose,
    Provider,
)
from tests import cast
from triage.models import TriageChannel

MODELS = [
    Account, Channel, Contact, Conversation, ConversationEvent, Delivery, InboundEvent, Installation, Link, Message,
    ModelCall, TriageChannel, User, Workspace,
]  # fmt: skip
TO_CHANGE = {Workspace, User, Account, Contact, Channel, Conversation}
SECRETS = ["xoxb-secret", "verification-secret", "response-secret"]


def fill(workspace: Workspace, owner: User) -> None:
    """A row of every model, each with all that it can point to."""
    account = cast.make_account(workspace=workspace, owner=owner)
    channel = cast.make_channel(workspace=workspace, account=account, owner=owner)
    contact = cast.make_contact(workspace=workspace, account=account)
    message = cast.say("It broke.", channel=channel, by=contact)
    conversation = message.conversation
    cast.say("Let me check.", channel=channel, by=owner, thread_ts=message.ts)
    triage = cast.make_triage_channel(workspace=workspace, owner=cast.make_teammate(workspace=workspace))
    installation = cast.make_installation(
        workspace=workspace, external_id=f"T{channel.pk:06}", credentials={"bot_token": "xoxb-secret"}
    )
    ModelCall.objects.create(
        workspace=workspace, conversation=conversation, message=message, purpose=ModelPurpose.GROUPING
    )
    common: dict[str, Any] = {
        "workspace": workspace, "installation": installation, "conversation": conversation,
        "place": triage.channel.external_id,
    }  # fmt: skip
    Link.objects.create(kind=LinkKind.TRIAGE_POST, external_id=cast.make_ts(), **common)
    Delivery.objects.create(
        kind=DeliveryKind.ANSWER, event=conversation.events.first(),
        request={"url": "https://hooks.slack.example/response-secret", "body": {}}, **common,
    )  # fmt: skip
    body = {"token": "verification-secret", "response_url": "response-secret", "event": {"text": "It broke."}}
    InboundEvent.objects.create(
        provider=Provider.SLACK, external_id=f"Ev{channel.pk}", kind="message", lane="T:C", body=json.dumps(body)
    )


@pytest.fixture
def superuser(client: Client, dana: User) -> User:
    dana.is_superuser = True
    dana.save()
    client.force_login(dana)
    return dana


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("model", MODELS)
def test_a_list_answers_is_searched_and_costs_the_same_for_many(
    client: Client, workspace: Workspace, superuser: User, model: type[Model]
) -> None:
    fill(workspace, superuser)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert client.get(list_of(model)).status_code == 200
    for _ in range(3):
        fill(workspace, superuser)
    with CaptureQueriesContext(connection) as many:
        page = client.get(list_of(model))
    assert len(page.context["cl"].result_list) >= 1
    assert len(many) == len(few)
    for words in ["refund", "17", "a b \x00"]:
        assert client.get(list_of(model), {"q": words}).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_a_page_answers_shows_no_secret_and_saves_only_where_history_allows(
    client: Client, workspace: Workspace, superuser: User, model: type[Model]
) -> None:
    fill(workspace, superuser)
    row = model._default_manager.order_by("pk").last()
    assert row is not None
    answer = client.get(page_of(row))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert ('name="_save"' in page) == (model in TO_CHANGE)
    assert not [secret for secret in SECRETS if secret in page]
    delete = client.get(page_of(row).replace("/change/", "/delete/"))
    assert delete.status_code == (200 if model is TriageChannel else 403)


@pytest.mark.parametrize("model", [model for model in MODELS if model is not InboundEvent])
def test_staff_see_their_workspace_only(
    client: Client, workspace: Workspace, dana: User, stranger: User, model: type[Model]
) -> None:
    fill(stranger.workspace, stranger)
    theirs = set(model._default_manager.values_list("pk", flat=True))
    if model in {Workspace, User}:
        theirs -= {workspace.pk if model is Workspace else dana.pk}
    fill(workspace, dana)
    client.force_login(dana)
    seen = {row.pk for row in client.get(list_of(model)).context["cl"].result_list}
    assert seen
    assert not seen & theirs
    for pk in theirs:
        row = model._default_manager.get(pk=pk)
        assert client.get(page_of(row)).status_code == 302
        assert client.post(page_of(row), {}).status_code == (302 if model in TO_CHANGE else 403)


def test_the_inbox_is_for_superusers(client: Client, workspace: Workspace, dana: User) -> None:
    fill(workspace, dana)
    client.force_login(dana)
    assert client.get(list_of(InboundEvent)).status_code == 403
    assert client.get(page_of(InboundEvent.objects.get())).status_code == 403


def test_who_is_not_staff_is_asked_to_sign_in(client: Client, omar: User) -> None:
    client.force_login(omar)
    for model in MODELS:
        assert client.get(list_of(model)).status_code == 302
