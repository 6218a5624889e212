"""What is internal stays internal: into a customer's channel goes what a person wrote as a reply, and nothing else."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Account, Channel, ChannelKind, Contact, User
from conversations import corrections, replying, services
from conversations.models import Conversation, Correction, Message, Priority, Reply, ReplyState
from conversations.services import receive_message
from conversations.status import Status
from integrations.models import Delivery, DeliveryKind, DeliveryState, Installation
from integrations.outbox import deliver, publish
from integrations.slack import pacing
from tests import cast
from tests.sandbox_process import Json, SandboxProcess

ROOT = Path(__file__).resolve().parents[3]
GLOBEX, INITECH = "C0EXTGLOBX", "C0EXTINTCH"
DANA, MIA, PYLON = "U0DANA0001", "U0MIA00001", "U0PYLON001"
SECRET = "INTERNAL: they never pay"


@pytest.fixture(autouse=True)
def _unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "PER_CHANNEL", pacing.Limit(1000, 1))


@pytest.fixture
def dana(acme: Installation) -> User:
    return User.objects.get(external_id=DANA)


@pytest.fixture
def globex(acme: Installation, sandbox: SandboxProcess, dana: User) -> Channel:
    account = cast.make_account(workspace=acme.workspace, name="Globex", owner=dana)
    for channel in (GLOBEX, INITECH):
        sandbox.api("invite", channel=channel, user=PYLON, by=DANA)
    fields: dict[str, Any] = {"workspace": acme.workspace, "external_team_id": acme.external_id, "owner": dana}
    cast.make_channel(external_id=INITECH, name="ext-initech", **fields)
    return cast.make_channel(external_id=GLOBEX, name="ext-globex", account=account, **fields)


@pytest.fixture
def mia(globex: Channel) -> Contact:
    return cast.make_contact(workspace=globex.workspace, account=globex.account, name="Mia", external_id=MIA)


def ask(sandbox: SandboxProcess, globex: Channel, mia: Contact, text: str = "The export is empty.") -> Message:
    return receive_message(channel=globex, ts=sandbox.post_message(GLOBEX, MIA, text), text=text, author=mia)


def write(conversation: Conversation, by: User, text: str = "I am on it.") -> Reply:
    place = replying.destination(conversation).thread_ts
    reply = replying.write_reply(conversation=conversation, text=text, by=by, key=cast.make_key(), thread_ts=place)
    Reply.objects.filter(pk=reply.pk).update(send_after=timezone.now())
    return reply


def tell() -> None:
    while publish():
        pass
    while deliver():
        pass


def writes(sandbox: SandboxProcess) -> list[Json]:
    """All calls that could be seen in a channel of customers."""
    customers = set(Channel.objects.filter(kind=ChannelKind.CUSTOMER).values_list("external_id", flat=True))
    calls = [call for call in sandbox.log()["calls"] if call["method"].startswith(("chat.", "files.", "reactions."))]
    return [call for call in calls if {GLOBEX, INITECH, *customers} & set(map(str, call["args"].values()))]


# Every verb ───────────────────────────────────────────────────────────────────────────────────────────


class Doing:
    """Everything that people do to conversations, each at random on what there is."""

    def __init__(self, sandbox: SandboxProcess, globex: Channel, mia: Contact, dana: User, seed: int) -> None:
        self.sandbox, self.globex, self.mia, self.dana = sandbox, globex, mia, dana
        self.random = Random(seed)  # noqa: S311 - the same acts for the same seed
        ask(sandbox, globex, mia)

    @property
    def one(self) -> Conversation:
        return self.random.choice(list(Conversation.objects.filter(merged_into=None)))

    @property
    def message(self) -> Message:
        return self.random.choice(list(Message.objects.exclude(kind="note").filter(deleted_at=None)))

    @property
    def place(self) -> dict[str, Any]:
        return {"channel": self.globex, "ts": str(self.message.ts)}

    def acts(self) -> dict[str, Callable[[], object]]:
        pick = self.random.choice
        soon = timezone.now() + timedelta(days=1)
        return {
            "close": lambda: self.one.close(by=self.dana),
            "start": lambda: self.one.start(by=self.dana),
            "reopen": lambda: self.one.reopen(by=self.dana),
            "set_status": lambda: self.one.set_status(pick(list(Status)), by=self.dana),
            "assign": lambda: self.one.assign(pick([None, self.dana]), reason=SECRET, by=self.dana),
            "prioritise": lambda: self.one.prioritise(pick(list(Priority)), by=self.dana),
            "tag": lambda: self.one.tag([SECRET[:20]], by=self.dana),
            "snooze": lambda: self.one.snooze(soon, by=self.dana),
            "wake": lambda: self.one.wake(by=self.dana),
            "show_linked": lambda: self.one.show_linked([{"tool": "Desk", "number": "1", "url": ""}], by=self.dana),
            "add_note": lambda: self.one.add_note(SECRET, by=self.dana),
            "move_messages": lambda: corrections.move_messages(messages=[self.message], to=self.one, by=self.dana),
            "split_off": lambda: corrections.split_off(messages=[self.message], by=self.dana),
            "merge": lambda: corrections.merge(source=self.one, target=self.one, by=self.dana),
            "undo": lambda: corrections.undo(correction=pick(list(Correction.objects.all())), by=self.dana),
            "change_account_owner": lambda: services.change_account_owner(
                account=Account.objects.get(name="Globex"), owner=pick([None, self.dana]), by=self.dana
            ),
            "edit_message": lambda: services.edit_message(
                **self.place, text=SECRET, edited_at=timezone.now(), by=self.dana
            ),
            "delete_message": lambda: services.delete_message(**self.place, deleted_at=timezone.now(), by=self.dana),
            "write_reply": lambda: write(self.one, self.dana, f"Reply {self.random.random()}"),
            "take_back": lambda: replying.take_back(reply=self.reply, by=self.dana),
            "try_again": lambda: replying.try_again(reply=self.reply, by=self.dana),
            "edit_reply": lambda: replying.edit_reply(reply=self.reply, text="Reply, changed", by=self.dana),
            "delete_reply": lambda: replying.delete_reply(reply=self.reply, by=self.dana),
            "leave_unchanged": lambda: replying.leave_unchanged(reply=self.reply, by=self.dana),
        }

    @property
    def reply(self) -> Reply:
        return self.random.choice(list(Reply.objects.all()))


def verbs(*places: type | ModuleType) -> set[str]:
    """The public functions by which somebody acts."""
    found = [member for place in places for member in inspect.getmembers(place, inspect.isfunction)]
    return {
        name for name, function in found if "by" in inspect.signature(function).parameters and not name.startswith("_")
    }


NOT_ACTS = {"move", "event", "refusal", "require_change"}
"""Parts of acts, and questions."""


def test_no_verb_is_left_out(sandbox: SandboxProcess, globex: Channel, mia: Contact, dana: User) -> None:
    known = set(Doing(sandbox, globex, mia, dana, seed=0).acts())
    assert verbs(Conversation, services, corrections, replying) - NOT_ACTS == known


@pytest.mark.parametrize("seed", range(3))
def test_nothing_but_replies_reaches_a_customer_whatever_is_done(
    sandbox: SandboxProcess, globex: Channel, mia: Contact, dana: User, seed: int
) -> None:
    doing = Doing(sandbox, globex, mia, dana, seed)
    acts = doing.acts()
    for name in doing.random.choices(sorted(acts), k=60):
        if doing.random.random() < 0.2:
            ask(sandbox, globex, mia, f"And {doing.random.random()}?")
        try:
            acts[name]()
        except (ValidationError, IndexError):
            continue  # it can't be done now
        if doing.random.random() < 0.5:
            tell()
    tell()
    keys = {str(reply.key): reply for reply in Reply.objects.exclude(state=ReplyState.TAKEN_BACK)}
    stamps = {reply.message.ts for reply in keys.values() if reply.message}
    assert writes(sandbox), "replies were sent"
    for call in writes(sandbox):
        args = call["args"]
        assert args["channel"] == GLOBEX
        assert SECRET not in str(args)
        if call["method"] == "chat.postMessage":
            assert keys[args["metadata"]["event_payload"]["key"]].author == dana
        else:
            assert call["method"] in {"chat.update", "chat.delete"}
            assert args["ts"] in stamps
    posted = [
        call["args"]["metadata"]["event_payload"]["key"] for call in writes(sandbox) if "metadata" in call["args"]
    ]
    assert len(posted) == len(set(posted)), "each once"


# Whatever asks for it ─────────────────────────────────────────────────────────────────────────────────


def forge(reply: Reply | None, conversation: Conversation, kind: str, **changes: Any) -> Delivery:
    """A delivery that nobody should have made."""
    fields: dict[str, Any] = {
        "workspace": conversation.workspace, "installation": Installation.objects.get(), "conversation": conversation,
        "reply": reply, "kind": kind, "place": GLOBEX, "request": {"text": SECRET, "channel": GLOBEX},
    }  # fmt: skip
    return Delivery.objects.create(**fields | changes)


REPLY_KINDS = [DeliveryKind.REPLY, DeliveryKind.REPLY_EDIT, DeliveryKind.REPLY_DELETE]


@pytest.mark.parametrize("kind", REPLY_KINDS)
def test_without_a_reply_nothing_is_sent(
    sandbox: SandboxProcess, globex: Channel, mia: Contact, kind: DeliveryKind
) -> None:
    delivery = forge(None, ask(sandbox, globex, mia).conversation, kind)
    deliver()
    delivery.refresh_from_db()
    assert (delivery.state, writes(sandbox)) == (DeliveryState.FAILED, [])


@pytest.mark.parametrize("kind", REPLY_KINDS)
def test_a_reply_that_is_not_to_be_sent_is_not(
    sandbox: SandboxProcess, globex: Channel, mia: Contact, dana: User, kind: DeliveryKind
) -> None:
    conversation = ask(sandbox, globex, mia).conversation
    reply = write(conversation, dana)
    for state in (ReplyState.FAILED, ReplyState.TAKEN_BACK, ReplyState.SENT):
        Reply.objects.update(state=state)
        delivery = forge(reply, conversation, kind)
        deliver()
        delivery.refresh_from_db()
        assert (delivery.response["skipped"], writes(sandbox)) == (state.label, [])


def test_into_no_other_channel_and_for_nobody_who_left(
    sandbox: SandboxProcess, globex: Channel, mia: Contact, dana: User, stranger: User
) -> None:
    conversation = ask(sandbox, globex, mia).conversation
    other = ask(sandbox, globex, mia, "The invoices are missing, who could send them again?")
    Message.objects.filter(pk=other.pk).update(conversation=cast.make_conversation(channel=globex))

    def refused(**changes: Any) -> str:
        reply = write(conversation, dana)
        place = changes.pop("place", GLOBEX)
        Reply.objects.filter(pk=reply.pk).update(**changes)
        delivery = forge(reply, conversation, DeliveryKind.REPLY, place=place)
        deliver()
        delivery.refresh_from_db()
        reply.refresh_from_db()
        assert (delivery.state, reply.state) == (DeliveryState.FAILED, ReplyState.FAILED)
        assert writes(sandbox) == []
        return delivery.error

    assert "not a customer’s channel" in refused(place=INITECH)
    assert "not a customer’s channel" in refused(place="C0TRIAGE01")
    assert "another conversation" in refused(thread_ts=other.ts)
    assert "no active teammate" in refused(author=stranger)
    User.objects.filter(pk=dana.pk).update(is_active=False)
    assert "no active teammate" in refused()
    User.objects.update(is_active=True)
    for kind in (ChannelKind.TRIAGE, ChannelKind.INTERNAL, ChannelKind.IGNORED):
        reply = write(conversation, dana)
        Channel.objects.filter(pk=globex.pk).update(kind=kind)
        forge(reply, conversation, DeliveryKind.REPLY)
        deliver()
        reply.refresh_from_db()
        assert (reply.state, writes(sandbox)) == (ReplyState.FAILED, [])
        Channel.objects.filter(pk=globex.pk).update(kind=ChannelKind.CUSTOMER)


@pytest.mark.parametrize("kind", sorted(set(DeliveryKind) - set(REPLY_KINDS)))
def test_no_other_kind_of_delivery_posts_where_customers_read(
    sandbox: SandboxProcess, globex: Channel, mia: Contact, kind: DeliveryKind
) -> None:
    """Even when it is told to."""
    conversation = ask(sandbox, globex, mia).conversation
    conversation.add_note(SECRET, by=User.objects.get(external_id=DANA))
    event = conversation.events.latest("pk")
    forge(None, conversation, kind, event=event)
    deliver()
    assert writes(sandbox) == []


def test_only_the_senders_post() -> None:
    """And those who post for ourselves ask first who reads there."""
    for file in (ROOT / "integrations").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if '"chat.postMessage"' not in text or file.name in {"pacing.py", "reply.py"}:
            continue
        assert file.parent.name == "sending", f"{file} posts: that is for integrations/slack/sending/"
        assert "refuse_shared" in text, f"{file} posts without asking who reads there"
