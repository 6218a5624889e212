"""The settings' pages of channels: seen by all, changed by staff."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Channel, ChannelKind, Contact, Grouping, Side, SideOverride, User, Workspace
from conversations.channel_list import PAGE
from conversations.models import Message, MessageKind
from integrations.models import InboundEvent, Installation
from tests import cast
from tests.cast import OUR_TEAM

URL = "/settings/channels/"


@pytest.fixture
def signed_in(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def installation(workspace: Workspace) -> Installation:
    return cast.make_installation(workspace=workspace)


def text(client: Client, url: str = URL) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_list_says_of_each_what_it_is(
    signed_in: Client, channel: Channel, contact: Contact, workspace: Workspace, dana: User
) -> None:
    cast.say("The export is empty", channel=channel, by=contact, ago=timedelta(hours=3))
    cast.make_channel(workspace=workspace, name="ext-gone", left_at=timezone.now(), joined_at=timezone.now())
    cast.make_channel(workspace=workspace, name="ext-old", archived_at=timezone.now(), grouping=Grouping.THREADS)
    cast.make_channel(workspace=workspace, name="our-triage", kind=ChannelKind.TRIAGE, is_shared=True)
    page = text(signed_in)
    for shown in ("#ext-globex", "Globex", dana.name, "as the workspace", "Threads only", ">archived<",
                  ">left<", "Shared: nothing is posted here", "no owner"):  # fmt: skip
        assert shown in page


def test_filters(signed_in: Client, channel: Channel, workspace: Workspace) -> None:
    cast.make_channel(workspace=workspace, name="ext-orphan")
    cast.make_channel(workspace=workspace, name="ours", kind=ChannelKind.INTERNAL, owner=channel.owner)
    cast.make_channel(workspace=workspace, name="ext-gone", left_at=timezone.now(), owner=channel.owner)
    names = ("ext-globex", "ext-orphan", "ours", "ext-gone")
    found = {
        query: [name for name in names if f"#{name}<" in text(signed_in, URL + query)]
        for query in
        ("?kind=internal", "?state=left", "?lacks=owner", "?lacks=account", "?q=%23globex", "?kind=made-up")
    }  # fmt: skip
    assert found == {
        "?kind=internal": ["ours"],
        "?state=left": ["ext-gone"],
        "?lacks=owner": ["ext-orphan"],
        "?lacks=account": ["ext-orphan", "ext-gone"],
        "?q=%23globex": ["ext-globex"],
        "?kind=made-up": ["ext-globex", "ext-orphan", "ours", "ext-gone"],
    }
    assert "No such channel" in text(signed_in, f"{URL}?q=nowhere")


def test_pages_by_key(signed_in: Client, workspace: Workspace) -> None:
    for number in range(PAGE + 2):
        cast.make_channel(workspace=workspace, name=f"same-{number // 4:03}", external_id=f"C_PAGE{number:03}")
    first = signed_in.get(URL).context["page"]
    second = signed_in.get(f"{URL}?after={first.next}").context["page"]
    assert (len(first.channels), len(second.channels), second.next) == (PAGE, 2, None)
    assert not {one.pk for one in first.channels} & {one.pk for one in second.channels}


def test_a_stranger_finds_nothing(client: Client, channel: Channel, stranger: User) -> None:
    client.force_login(stranger)
    assert "#ext-globex" not in text(client)
    for path, method in (
        ("", "get"),
        ("row/", "get"),
        ("", "post"),
        ("row/", "post"),
        ("side/", "post"),
        ("join/", "post"),
    ):
        assert getattr(client, method)(f"{URL}{channel.pk}/{path}").status_code == 404, (path, method)
    client.post(f"{URL}change/", {"channel": channel.pk, "kind": "ignored"})
    channel.refresh_from_db()
    assert channel.kind == ChannelKind.CUSTOMER


def test_who_is_not_staff_may_only_look(client: Client, channel: Channel, omar: User) -> None:
    client.force_login(omar)
    assert "Change" not in text(client).split("<main", 1)[1]
    assert "#ext-globex" in text(client, f"{URL}{channel.pk}/")
    posts = ["change/", "names/", "add/", *(f"{channel.pk}/{path}" for path in ("", "row/", "side/", "join/"))]
    assert {client.post(URL + path).status_code for path in posts} == {403}
    assert client.get(f"{URL}{channel.pk}/row/?edit").status_code == 403
    assert client.get(f"{URL}add/").status_code == 403


def test_one_is_changed_in_its_line(signed_in: Client, channel: Channel, omar: User, workspace: Workspace) -> None:
    hooli = cast.make_account(workspace=workspace, name="Hooli")
    url = f"{URL}{channel.pk}/row/"
    line = text(signed_in, f"{url}?edit")
    assert 'name="account"' in line
    assert 'value="triage"' not in line, "another company reads it"
    form = {"kind": "customer", "account": hooli.pk, "owner": omar.pk, "grouping": "threads", "quiet_minutes": "5"}
    response = signed_in.post(url, form)
    assert "Hooli" in response.content.decode()
    channel.refresh_from_db()
    assert (channel.account, channel.owner, channel.grouping, channel.quiet_minutes) == (hooli, omar, "threads", 5)
    refused = signed_in.post(url, form | {"kind": "triage"})
    assert refused.status_code == 422
    channel.refresh_from_db()
    assert channel.kind == ChannelKind.CUSTOMER


def test_strangers_are_no_choice(signed_in: Client, channel: Channel, stranger: User) -> None:
    theirs = cast.make_account(workspace=stranger.workspace)
    form = {"kind": "customer", "account": theirs.pk, "owner": stranger.pk, "grouping": "", "quiet_minutes": ""}
    response = signed_in.post(f"{URL}{channel.pk}/", form)
    assert response.status_code == 400
    assert {"account", "owner"} <= response.context["form"].errors.keys()


def test_many_at_once(signed_in: Client, channel: Channel, workspace: Workspace, omar: User) -> None:
    ours = cast.make_channel(workspace=workspace, name="ours", is_shared=False)
    apart = cast.make_channel(workspace=workspace, name="apart", is_shared=False)
    chosen = {"channel": [channel.pk, ours.pk], "kind": "internal", "owner": omar.pk, "account": ""}
    response = signed_in.post(f"{URL}change/?kind=customer", chosen, follow=True)
    assert response.redirect_chain[-1][0] == f"{URL}?kind=customer"
    said = response.content.decode()
    assert "1 channel changed." in said
    assert "Another company reads this channel" in said
    for one in (channel, ours, apart):
        one.refresh_from_db()
    assert [one.kind for one in (channel, ours, apart)] == ["customer", "internal", "customer"]
    assert (channel.owner == omar, ours.owner == omar) == (False, True)
    signed_in.post(f"{URL}change/", {"channel": [channel.pk], "account": "none", "owner": "none"})
    channel.refresh_from_db()
    assert (channel.account, channel.owner) == (None, None)


def test_names_that_are_looked_for(signed_in: Client, workspace: Workspace) -> None:
    signed_in.post(f"{URL}names/", {"channel_patterns": "#Ext-*, *-support"})
    workspace.refresh_from_db()
    assert workspace.channel_patterns == ["ext-*", "*-support"]
    for all_of_them in ("*", "**", "?*"):
        assert signed_in.post(f"{URL}names/", {"channel_patterns": all_of_them}).status_code == 400
    workspace.refresh_from_db()
    assert workspace.channel_patterns == ["ext-*", "*-support"]


@pytest.mark.usefixtures("installation")
def test_who_counts_as_whom_and_why(
    signed_in: Client, channel: Channel, contact: Contact, dana: User, omar: User
) -> None:
    User.objects.filter(pk=omar.pk).update(external_team_id=OUR_TEAM)
    guest = cast.make_contact(
        workspace=channel.workspace, name="Gil Guest", email="gil@brightpath.example",
        external_team_id=OUR_TEAM, is_guest=True,
    )  # fmt: skip
    for who in (contact, guest, omar):
        cast.say("Hello, a question", channel=channel, by=who)
    for_us = signed_in.post(f"{URL}{channel.pk}/side/", {"person": contact.external_id, "side": "us"}, follow=True)
    assert "Saved, for messages from now on." in for_us.content.decode()
    override = SideOverride.objects.get()
    assert (override.external_id, override.side, override.by_user) == (contact.external_id, Side.US, dana)
    page = text(signed_in, f"{URL}{channel.pk}/")
    for why in (
        "guest of our team with an address at brightpath.example",
        "set by Dana Reyes on",
        "Slack team T0GLOBEX is not ours",
        "of our Slack team",
    ):
        assert why in page
    signed_in.post(f"{URL}{channel.pk}/side/", {"person": contact.external_id, "side": ""})
    assert not SideOverride.objects.exists()
    assert signed_in.post(f"{URL}{channel.pk}/side/", {"person": "U_NOBODY", "side": "us"}).status_code == 302
    assert not SideOverride.objects.exists()


def test_recent_messages_are_counted_anew(signed_in: Client, channel: Channel, contact: Contact) -> None:
    cast.say("I will look into it", channel=channel, by=contact)
    chosen = {"person": contact.external_id, "side": "us", "again": "1"}
    said = signed_in.post(f"{URL}{channel.pk}/side/", chosen, follow=True).content.decode()
    assert "1 message of the last 30 days counted anew." in said
    assert Message.objects.get().kind == MessageKind.OUTBOUND
    signed_in.post(f"{URL}{channel.pk}/side/", chosen | {"side": ""})
    assert Message.objects.get().kind == MessageKind.INBOUND, "as Slack tells"


def test_a_channel_that_was_left_is_joined_again(
    signed_in: Client, channel: Channel, installation: Installation, account: Account
) -> None:
    Channel.objects.filter(pk=channel.pk).update(left_at=timezone.now(), joined_at=timezone.now())
    assert "Pylon was removed from this channel" in text(signed_in, f"{URL}{channel.pk}/")
    assert signed_in.post(f"{URL}{channel.pk}/join/").status_code == 302
    event = InboundEvent.objects.get(kind="enter_channel")
    assert event.lane == f"{installation.external_id}:{channel.external_id}"
    InboundEvent.objects.update(outcome="not joined: The channel is archived.")
    assert "Last try to join: not joined: The channel is archived." in text(signed_in, f"{URL}{channel.pk}/")
    assert account.channels.count() == 1


def test_before_there_is_any(signed_in: Client) -> None:
    assert "Pylon is in no channel yet" in text(signed_in)
