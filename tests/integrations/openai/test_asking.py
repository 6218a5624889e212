"""From an unsure decision to a better one: what is asked, once, and what becomes of the answer."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from accounts.models import Channel, Contact, User
from conversations.models import Conversation, EventKind, Message
from conversations.status import Status
from integrations.models import ModelAnswer, ModelCall, ModelPurpose
from integrations.openai.asking import ask_next
from tests import cast
from tests.integrations.openai.model_server import ModelServer
from tests.integrations.openai.steps import MINUTE, ask_all, call, fresh, publish_all, to, unsure

# What is asked ────────────────────────────────────────────────────────────────────────────────────────


def test_only_an_unsure_decision_about_something_new_is_asked_about(
    model: ModelServer, channel: Channel, contact: Contact, dana: User
) -> None:
    sure = cast.say("Hello, a new matter", channel=channel, by=contact, ago=3 * MINUTE)
    Message.objects.filter(pk=sure.pk).update(grouping_rule="linked", grouping_score=0.95)
    thread = cast.say("And more", channel=channel, by=contact, ago=2 * MINUTE, thread_ts=sure.ts)
    unsure(cast.say("Of last week", channel=channel, by=contact, ago=timedelta(days=7)))
    sure.conversation.add_note("internal", by=dana)
    asked_about = unsure(cast.say("What of this?", channel=channel, by=contact, ago=MINUTE))
    publish_all()

    questions = ModelCall.objects.exclude(purpose=ModelPurpose.DESCRIPTION)
    assert [one.message_id for one in questions] == [asked_about.pk]
    assert thread.grouping_rule == "thread"


def test_without_a_model_nothing_is_put(doubt: Message) -> None:
    publish_all()
    assert not ModelCall.objects.exists()


def test_the_question_shows_the_channel_and_no_other(
    model: ModelServer, doubt: Message, channel: Channel, dana: User
) -> None:
    earlier = doubt.sent_at - MINUTE
    doubt.conversation.add_note("never shown", by=dana, channel=channel, ts=cast.make_ts(earlier), at=earlier)
    loose = cast.say("In no conversation", channel=channel, by=doubt.author_contact, ago=timedelta(hours=20))
    Conversation.objects.filter(pk=loose.conversation_id).update(is_unsorted=True)
    cast.say("elsewhere", channel=cast.make_channel(workspace=channel.workspace), by=doubt.author_contact)
    model.answer = to("new")
    ask_all()

    (asked,) = model.asked
    assert [one["text"] for one in asked["messages"]] == ["Our invoice of May is wrong"]
    assert asked["messages"][0]["author"] == "Hank Scorpio"
    assert asked["messages"][0]["side"] == "customer"
    assert asked["new_message"]["text"] == "Who corrects it?"
    assert asked["options"] == ["c1", "new"]
    assert call().state == ModelAnswer.AGREED


# What becomes of an answer ────────────────────────────────────────────────────────────────────────────


def test_a_better_answer_moves_the_message(model: ModelServer, doubt: Message, invoice: Message) -> None:
    model.answer = to("c1")
    ask_all()

    moved = fresh(doubt)
    assert moved.conversation_id == invoice.conversation_id
    event = moved.conversation.events.get(kind=EventKind.MESSAGES_MOVED_IN)
    assert (event.by_rule, event.reason) == ("model", "The model: about the invoice of May")
    done = call()
    assert (done.state, done.model, done.tokens_in, done.tokens_out) == (ModelAnswer.USED, "stand-in", 700, 30)
    assert done.finished_at
    assert json.loads(done.answer["content"])["conversation"] == "c1"
    ask_all()
    assert len([one for one in model.asked if "options" in one]) == 1


def test_an_unsure_reading_of_a_reply_is_put_right(
    model: ModelServer, channel: Channel, contact: Contact, dana: User
) -> None:
    cast.say("Can I get the data of 2019?", channel=channel, by=contact, ago=3 * MINUTE)
    reply = cast.say("Sadly nobody keeps that", channel=channel, by=dana, ago=2 * MINUTE)
    before = fresh(reply).conversation.status
    kind, after = ("continues", Status.IN_PROGRESS) if before == Status.CLOSED else ("concludes", Status.CLOSED)
    model.answer = lambda _: {"reason": "nothing is left to do", "reply": kind}
    ModelCall.objects.create(
        workspace=reply.workspace, conversation=reply.conversation, message=reply, purpose=ModelPurpose.STATUS
    )
    ask_next()

    assert model.asked[0] == {
        "conversation": [{"from": "customer", "text": "Can I get the data of 2019?"}],
        "reply": "Sadly nobody keeps that",
    }
    assert fresh(reply).conversation.status == after
    assert call(ModelPurpose.STATUS).state == ModelAnswer.USED


def test_a_person_who_acted_while_the_model_thought_is_right(
    model: ModelServer, doubt: Message, invoice: Message, dana: User
) -> None:
    model.answer = to("c1")
    publish_all()
    Conversation.objects.get(pk=invoice.conversation_id).start(by=dana)
    ask_next()

    assert fresh(doubt).conversation_id == doubt.conversation_id
    assert call().state == ModelAnswer.LATE


@pytest.mark.parametrize(
    "answer", ["c1", '{"reason": "", "conversation": "c7"}', '{"reason": "x"}', '{"reason": 1, "conversation": "c1"}']
)
def test_what_is_no_valid_answer_is_counted_and_changes_nothing(
    model: ModelServer, doubt: Message, answer: str
) -> None:
    model.answer = lambda _: answer
    publish_all()
    ask_next()

    assert fresh(doubt).conversation_id == doubt.conversation_id
    done = call()
    assert (done.state, done.attempts, done.tokens_in) == (ModelAnswer.INVALID, 1, 700)
    assert done.error
    ask_all()
    assert len(model.requests) == 1
