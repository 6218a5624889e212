"""Buttons under a post: teammates' work, everybody else's does nothing."""

from __future__ import annotations

import pytest

from accounts.models import Channel, Contact, Role, User
from conversations.models import Conversation, EventKind
from conversations.status import Status
from integrations.models import Delivery, DeliveryKind, Installation, Link, LinkKind
from tests import cast
from tests.cast import OUR_TEAM, THEIR_TEAM
from tests.integrations.slack.envelopes import Json, envelope, said, work
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def conversation(channel: Channel) -> Conversation:
    return cast.make_conversation(channel=channel)


@pytest.fixture
def post(installation: Installation, conversation: Conversation) -> Link:
    triage = cast.make_triage_channel(workspace=installation.workspace)
    return Link.objects.create(
        workspace=installation.workspace, installation=installation, conversation=conversation,
        kind=LinkKind.TRIAGE_POST, place=triage.channel.external_id, external_id="1700000000.000100",
    )  # fmt: skip


def press(post: Link, user: Json, action: str = "acknowledge", **more: object) -> Json:
    return {
        "type": "block_actions",
        "team": {"id": OUR_TEAM},
        "user": user,
        "channel": {"id": post.place},
        "container": {"type": "message", "channel_id": post.place, "message_ts": post.external_id},
        "actions": [{"action_id": action, "action_ts": cast.make_ts()}],
        "trigger_id": cast.make_ts(),
        **more,
    }


def test_acknowledge_closes(post: Link, conversation: Conversation, omar: User) -> None:
    assert work(press(post, {"id": omar.external_id, "team_id": OUR_TEAM})) == ["acknowledged"]
    conversation.refresh_from_db()
    assert (conversation.status, conversation.status_by_person) == (Status.CLOSED, True)
    assert conversation.events.get(kind=EventKind.STATUS_CHANGED).by_user == omar


def test_a_second_press_does_nothing_more(post: Link, conversation: Conversation, omar: User) -> None:
    user = {"id": omar.external_id, "team_id": OUR_TEAM}
    work(press(post, user), press(post, user))
    assert conversation.events.filter(kind=EventKind.STATUS_CHANGED).count() == 1


@pytest.fixture
def others(dana: User, contact: Contact, stranger: User) -> dict[str, Json]:
    return {
        "a customer": {"id": contact.external_id, "team_id": THEIR_TEAM},
        "a customer whose team is not named": {"id": contact.external_id},
        "a customer with a teammate's id": {"id": dana.external_id, "team_id": THEIR_TEAM},
        "a teammate of another workspace": {"id": stranger.external_id, "team_id": OUR_TEAM},
        "somebody unknown": {"id": "U_NOBODY", "team_id": OUR_TEAM},
        "nobody": {},
    }


@pytest.mark.parametrize(
    "who",
    [
        "a customer",
        "a customer whose team is not named",
        "a customer with a teammate's id",
        "a teammate of another workspace",
        "somebody unknown",
        "nobody",
    ],
)
def test_others_presses_do_nothing(post: Link, conversation: Conversation, others: dict[str, Json], who: str) -> None:
    assert work(press(post, others[who])) == ["pressed by somebody who is no teammate: nothing done"]
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO


def test_one_who_left_presses_in_vain(post: Link, conversation: Conversation, omar: User) -> None:
    omar.is_active = False
    omar.save()
    work(press(post, {"id": omar.external_id, "team_id": OUR_TEAM}))
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"container": {"message_ts": "1.2", "channel_id": "C1"}}, "a post that belongs to no conversation"),
        ({"container": None, "channel": None}, "a post that belongs to no conversation"),
        ({"actions": [{"action_id": "open"}]}, "nothing to do for open"),
        ({"actions": None}, "nothing to do for "),
        ({"actions": ["acknowledge"]}, "nothing to do for "),
    ],
)
def test_other_presses(post: Link, conversation: Conversation, omar: User, changes: Json, outcome: str) -> None:
    user = {"id": omar.external_id, "team_id": OUR_TEAM}
    assert work(press(post, user) | changes) == [outcome]
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO


def test_a_post_of_another_team_is_not_ours(post: Link, conversation: Conversation, stranger: User) -> None:
    cast.make_installation(workspace=stranger.workspace, external_id="T_INITECH")
    theirs = {"id": stranger.external_id, "team_id": "T_INITECH"}
    assert work(press(post, theirs, team={"id": "T_INITECH"})) == ["a post that belongs to no conversation"]
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO


def test_a_reply_under_the_post_is_a_note(post: Link, conversation: Conversation, omar: User, contact: Contact) -> None:
    reply = said(
        "Ask Priya &lt;first&gt;",
        user=omar.external_id or "",
        channel=post.place,
        team=OUR_TEAM,
        thread_ts=post.external_id,
    )
    theirs = said("?", user=contact.external_id, channel=post.place, team=THEIR_TEAM, thread_ts=post.external_id)
    talk = said("Lunch?", user=omar.external_id or "", channel=post.place, team=OUR_TEAM)
    outcomes = work(envelope(reply), envelope(reply), envelope(theirs), envelope(talk))
    assert outcomes == ["note", "note", "not a teammate's: no note", "talk in a triage channel"]
    note = conversation.messages.get()
    assert (note.kind, note.text, note.author_user) == ("note", "Ask Priya <first>", omar)


def test_a_reply_under_a_post_that_we_do_not_know_yet_waits(post: Link, conversation: Conversation, omar: User) -> None:
    ts, post.external_id = post.external_id, "1.1"
    post.save()
    reply = said(
        "Ask Priya",
        user=omar.external_id or "",
        channel=post.place,
        team=OUR_TEAM,
        thread_ts=ts,
        parent_user_id="U0PYLON",
    )
    assert work(envelope(reply)) == [""]
    assert not conversation.messages.exists()


def test_a_teammate_whom_we_have_not_seen_yet_is_asked_about(acme: Installation, sandbox: SandboxProcess) -> None:
    User.objects.filter(external_id="U0PRIYA001").delete()
    conversation = cast.make_conversation(channel=cast.make_channel(workspace=acme.workspace))
    link = Link.objects.create(
        workspace=acme.workspace, installation=acme, conversation=conversation, kind=LinkKind.TRIAGE_POST,
        place="C0TRIAGE01", external_id="1.2",
    )  # fmt: skip
    user = {"id": "U0PRIYA001", "team_id": acme.external_id}
    assert work(press(link, user, team={"id": acme.external_id})) == ["acknowledged"]


def test_who_may_only_read_is_told_so(post: Link, conversation: Conversation, omar: User) -> None:
    omar.role = Role.READER
    omar.save()
    user = {"id": omar.external_id, "team_id": OUR_TEAM}
    url = "https://hooks.slack.com/actions/1"
    assert work(press(post, user, response_url=url)) == ["pressed by somebody who may only read: nothing done"]
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO
    told = Delivery.objects.get(kind=DeliveryKind.ANSWER)
    assert "read-only: nothing was changed" in told.request["body"]["text"]
