from __future__ import annotations

import time

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Channel, Contact, User
from integrations.attempts import failed, note
from integrations.models import Delivery, DeliveryKind, DeliveryState
from tests import cast


@pytest.fixture
def delivery(channel: Channel, contact: Contact, dana: User) -> Delivery:
    """A triage post that Slack would not take."""
    triage = cast.make_channel(workspace=channel.workspace, kind="triage", name="support-triage")
    conversation = cast.say("The export is empty", channel=channel, by=contact).conversation
    delivery = Delivery.objects.create(
        workspace=channel.workspace, installation=cast.make_installation(workspace=channel.workspace),
        conversation=conversation, kind=DeliveryKind.TRIAGE_POST, place=triage.external_id, attempts=3,
    )  # fmt: skip
    note(delivery, "is_archived", began=time.monotonic())
    failed(delivery, "is_archived", is_permanent=True)
    return delivery


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def text(client: Client) -> str:
    return client.get("/settings/deliveries/").content.decode()


def test_what_failed_is_told_in_words(signed_in: Client, delivery: Delivery) -> None:
    page = text(signed_in)
    assert delivery.conversation
    assert f"#{delivery.conversation.number} The export is empty" in page
    assert "Triage post" in page
    assert "support-triage" in page
    assert page.count("The channel is archived.") == 2, "as the reason, and among the tries"
    assert "Nothing waits to be sent." in page


def test_it_is_tried_again_once(signed_in: Client, delivery: Delivery) -> None:
    for says in ("It is tried again.", "It is tried again."):
        assert says in signed_in.post(f"/settings/deliveries/{delivery.pk}/retry/", follow=True).content.decode()
        delivery.refresh_from_db()
        assert (delivery.state, delivery.finished_at) == (DeliveryState.PENDING, None)
        assert delivery.next_attempt_at <= timezone.now()
    assert Delivery.objects.count() == 1
    delivery.state = DeliveryState.DONE
    delivery.save()
    page = signed_in.post(f"/settings/deliveries/{delivery.pk}/retry/", follow=True).content.decode()
    assert "Nothing had to be tried again." in page
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DONE


def test_all_that_failed_are_tried_again(signed_in: Client, delivery: Delivery, stranger: User) -> None:
    others = Delivery.objects.create(
        workspace=stranger.workspace, state=DeliveryState.FAILED, kind=DeliveryKind.ANSWER,
        installation=cast.make_installation(workspace=stranger.workspace, external_id="T0INITECH"),
    )  # fmt: skip
    signed_in.post("/settings/deliveries/retry/")
    delivery.refresh_from_db()
    others.refresh_from_db()
    assert (delivery.state, others.state) == (DeliveryState.PENDING, DeliveryState.FAILED)


def test_no_secret_is_shown(signed_in: Client, delivery: Delivery) -> None:
    address = "https://hooks.slack.example/actions/T1/42/secret"
    delivery.request = {"url": address, "body": {"text": "?"}}
    error = f"ConnectError: could not reach {address} with xoxb-1-very-secret"
    note(delivery, error, began=time.monotonic())
    failed(delivery, error, is_permanent=True)
    delivery.save()
    page = text(signed_in)
    assert "could not reach (address) with (hidden)" in page
    assert "very-secret" not in page
    assert address not in page


def test_nothing_to_tell(signed_in: Client) -> None:
    page = text(signed_in)
    assert "Nothing has failed" in page
    assert "Try all again" not in page


def test_only_staff_of_the_workspace(client: Client, delivery: Delivery, omar: User, stranger: User) -> None:
    client.force_login(omar)
    assert client.get("/settings/deliveries/").status_code == 403
    assert client.post("/settings/deliveries/retry/").status_code == 403
    assert client.post(f"/settings/deliveries/{delivery.pk}/retry/").status_code == 403
    assert "/settings/deliveries/" not in client.get("/settings/").content.decode()
    client.force_login(stranger)
    assert "The export is empty" not in text(client)
    assert client.post(f"/settings/deliveries/{delivery.pk}/retry/").status_code == 404
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
