"""Choosing triage channels on their settings page."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Channel, User, Workspace
from integrations.models import Delivery
from tests import cast
from triage.models import TriageChannel


@pytest.fixture
def triage(workspace: Workspace) -> Channel:
    return cast.make_channel(workspace=workspace, kind="triage", name="support-triage")


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


def test_a_channel_is_chosen_changed_and_removed(signed_in: Client, triage: Channel, omar: User) -> None:
    answer = signed_in.post("/settings/triage/", {"owners": [omar.pk], "channel": triage.pk}, follow=True)
    assert "shows conversations of Omar Haddad from now on" in answer.content.decode()
    chosen = TriageChannel.objects.get()
    form = signed_in.get(f"/settings/triage/?edit={chosen.pk}").content.decode()
    assert f'<option value="{omar.pk}" selected>' in form
    signed_in.post("/settings/triage/", {"is_general": "on", "channel": triage.pk})
    chosen.refresh_from_db()
    assert (chosen.is_general, chosen.filter) == (True, {})
    signed_in.post(f"/settings/triage/{chosen.pk}/remove/")
    assert not TriageChannel.objects.exists()


def test_what_is_open_is_posted_there_at_once(
    signed_in: Client, triage: Channel, channel: Channel, workspace: Workspace
) -> None:
    cast.make_installation(workspace=workspace)
    conversation = cast.make_conversation(channel=channel)
    signed_in.post("/settings/triage/", {"is_general": "on", "channel": triage.pk})
    delivery = Delivery.objects.get()
    assert (delivery.conversation, delivery.place) == (conversation, triage.external_id)


def test_a_preview_saves_nothing(signed_in: Client, triage: Channel, channel: Channel, omar: User) -> None:
    cast.make_conversation(channel=channel, owner=omar, title="Where is the invoice?")
    draft = {"owners": [omar.pk], "channel": triage.pk}
    for headers in ({}, {"HX-Request": "true"}):
        page = signed_in.post("/settings/triage/preview/", draft, headers=headers).content.decode()
        assert "<b>1</b> of the last month’s 1 conversation would land in #support-triage" in page
        assert "Where is the invoice?" in page
    assert not TriageChannel.objects.exists()


def test_nothing_chosen_and_a_shared_channel_are_explained(signed_in: Client, triage: Channel) -> None:
    answer = signed_in.post("/settings/triage/", {"channel": triage.pk})
    assert answer.status_code == 400
    assert "Choose at least one thing that it shows" in answer.content.decode()
    Channel.objects.filter(pk=triage.pk).update(is_shared=True)
    answer = signed_in.post("/settings/triage/", {"is_general": "on", "channel": triage.pk})
    assert answer.status_code == 400
    assert "would show our notes to it" in answer.content.decode()
    assert not TriageChannel.objects.exists()
