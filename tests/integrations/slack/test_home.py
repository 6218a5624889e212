"""The Home tab: a teammate's own open conversations; who is no teammate sees none."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, EventKind
from conversations.status import Status
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation
from integrations.outbox import deliver, publish
from integrations.slack.home_drawing import draw_home
from tests import cast
from tests.cast import OUR_TEAM, THEIR_TEAM
from tests.integrations.slack.envelopes import Json, envelope, work
from tests.sandbox.listener import Listener
from tests.sandbox_process import SandboxProcess

DANA = "U0DANA0001"


def home_of(sandbox: SandboxProcess, who: str) -> str:
    shown: str = str(sandbox._get("/sandbox/api/views", **{"as": who})["home"])
    return shown


def opens(user: str, team: str) -> Json:
    return envelope({"type": "app_home_opened", "user": user, "channel": "D1", "tab": "home"}, team=team)


def draw() -> None:
    while publish():
        pass
    Delivery.objects.filter(kind=DeliveryKind.HOME, state=DeliveryState.PENDING).update(next_attempt_at=timezone.now())
    while deliver():
        pass


def press(user: Json, conversation: Conversation, **more: Any) -> Json:
    action = {"action_id": "home_acknowledge", "value": str(conversation.number), "action_ts": cast.make_ts()}
    return {
        "type": "block_actions", "team": {"id": OUR_TEAM}, "user": user, "actions": [action],
        "container": {"type": "view", "view_id": "V1"}, "trigger_id": cast.make_ts(), **more,
    }  # fmt: skip


def test_from_opening_it_to_an_empty_one(
    acme: Installation,
    sandbox: SandboxProcess,
    _listener: Listener,  # noqa: PT019
) -> None:
    dana, priya = User.objects.get(external_id=DANA), User.objects.get(external_id="U0PRIYA001")
    channel = cast.make_channel(workspace=acme.workspace)
    mine = cast.make_conversation(channel=channel, owner=dana, title="The export <!channel> is empty")
    cast.make_conversation(channel=channel, owner=priya, title="Not Dana’s")
    assert work(opens(DANA, acme.external_id)) == ["the Home tab is drawn"]
    draw()
    assert "The export &lt;!channel&gt; is empty" in home_of(sandbox, DANA)
    assert "Not Dana’s" not in home_of(sandbox, DANA)
    view = sandbox._get("/sandbox/api/views", **{"as": DANA})["home"]
    _listener.clear()
    sandbox.api("press-in-view", view_id=view["id"], action_id="home_acknowledge", **{"as": "dana"})
    (click,) = [one.payload for one in _listener.received if "payload" in one.form]
    assert work(click, click) == ["acknowledged"] * 2
    assert mine.events.filter(kind=EventKind.STATUS_CHANGED).count() == 1
    draw()
    assert "Nothing waits for you" in home_of(sandbox, DANA)
    mine.reopen(by=priya).assign(priya, by=priya)
    assert not Delivery.objects.filter(kind=DeliveryKind.HOME, place="U0PRIYA001").exists(), "she has never opened it"


def test_what_changes_owner_leaves_the_one_and_comes_to_the_other(acme: Installation, sandbox: SandboxProcess) -> None:
    dana, priya = User.objects.get(external_id=DANA), User.objects.get(external_id="U0PRIYA001")
    conversation = cast.make_conversation(channel=cast.make_channel(workspace=acme.workspace), owner=dana)
    work(opens(DANA, acme.external_id), opens("U0PRIYA001", acme.external_id))
    draw()
    before = Delivery.objects.filter(kind=DeliveryKind.HOME).count()
    conversation.assign(priya, by=dana)
    conversation.add_note("Over to you", by=dana)
    publish()
    assert Delivery.objects.filter(kind=DeliveryKind.HOME).count() == before + 2, "however much happened"
    draw()
    assert "The export is empty" not in home_of(sandbox, DANA)
    assert "The export is empty" in home_of(sandbox, "U0PRIYA001")


def test_others_see_a_polite_page_and_press_nothing(acme: Installation, sandbox: SandboxProcess) -> None:
    dana = User.objects.get(external_id=DANA)
    contact = cast.make_contact(workspace=acme.workspace)
    conversation = cast.make_conversation(channel=cast.make_channel(workspace=acme.workspace), owner=dana)
    User.objects.filter(external_id="U0PRIYA001").update(is_active=False)
    work(opens("U0PRIYA001", acme.external_id))
    draw()
    shown = home_of(sandbox, "U0PRIYA001")
    assert "for the team’s own people" in shown
    assert "The export" not in shown
    ours = {"team": {"id": acme.external_id}}
    for user in ({"id": contact.external_id, "team_id": THEIR_TEAM}, {"id": DANA, "team_id": THEIR_TEAM}, {}):
        assert work(press(user, conversation, **ours)) == ["pressed by somebody who is no teammate: nothing done"]
    conversation.refresh_from_db()
    assert conversation.status == Status.TODO


def test_a_number_of_another_workspace_is_none(installation: Installation, dana: User, stranger: User) -> None:
    theirs = cast.make_conversation(channel=cast.make_channel(workspace=stranger.workspace), number=4711)
    assert work(press({"id": dana.external_id}, theirs)) == ["no conversation of ours"]


@pytest.mark.django_db
def test_a_full_one_is_within_slacks_limits(dana: User) -> None:
    channel = cast.make_channel(workspace=dana.workspace)
    many = [cast.make_conversation(channel=channel, title="&" * 200) for _ in range(30)]
    blocks = draw_home(many, 70)["blocks"]
    assert len(blocks) <= 100
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks if block["type"] == "section")
