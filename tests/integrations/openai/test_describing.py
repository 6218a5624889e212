"""A conversation is described once it has settled, from what was said until then."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Channel, Contact, User
from conversations.models import Conversation, EventKind, Message
from conversations.services import delete_message, edit_message
from integrations.models import ModelAnswer, ModelCall, ModelPurpose
from integrations.openai import asking
from integrations.openai.asking import ask_next
from integrations.outbox import publish
from tests import cast
from tests.integrations.openai.model_server import Json, ModelServer

DESCRIPTION: Json = {
    "title": "Export of May is empty", "need": "The customer wants the export of May.",
    "standing": "Nobody has answered.", "topic": "exports", "sentiment": "negative", "priority": "high",
}  # fmt: skip


@pytest.fixture
def question(model: ModelServer, channel: Channel, contact: Contact) -> Message:
    model.answer = lambda _: DESCRIPTION
    return cast.say("The export is empty since this morning", channel=channel, by=contact, ago=timedelta(minutes=9))


def publish_all() -> None:
    while publish():
        pass


def settle() -> None:
    publish_all()
    ModelCall.objects.filter(state=ModelAnswer.WAITING).update(created_at=timezone.now() - 2 * asking.SETTLED)
    while ask_next():
        pass


def fresh(message: Message) -> Conversation:
    return Conversation.objects.get(messages=message)


def test_a_settled_conversation_is_described_in_one_call(model: ModelServer, question: Message) -> None:
    before = fresh(question).version
    settle()

    found = fresh(question)
    assert (found.title, found.topic, found.sentiment, found.suggested_priority) == (
        "Export of May is empty", "exports", "negative", "high",
    )  # fmt: skip
    assert found.summary == "The customer wants the export of May.\nNobody has answered."
    assert found.described_at == found.last_message_at
    assert found.version == before + 1
    event = found.events.get(kind=EventKind.DESCRIBED)
    assert (event.by_rule, event.data["title"]) == ("model", "Export of May is empty")
    assert len(model.requests) == 1
    settle()
    assert len(model.requests) == 1


def test_each_message_puts_it_off_and_the_last_one_is_asked_about(
    model: ModelServer, question: Message, channel: Channel
) -> None:
    publish_all()
    assert ask_next() == 0
    cast.say("For all of May", channel=channel, by=question.author_contact, thread_ts=question.ts)
    publish_all()
    assert ModelCall.objects.count() == 1
    assert ask_next() == 0
    settle()
    assert [one["text"] for one in model.asked[0]["messages"]] == [question.text, "For all of May"]


def test_a_closed_one_is_described_at_once(model: ModelServer, question: Message, dana: User) -> None:
    question.conversation.close(by=dana)
    publish_all()
    assert ask_next() == 1
    assert fresh(question).topic == "exports"


@pytest.mark.django_db(transaction=True)
def test_what_was_said_meanwhile_makes_it_late(model: ModelServer, question: Message, channel: Channel) -> None:
    def meanwhile(_: Json) -> Json:
        thread = threading.Thread(target=say_more)
        thread.start()
        thread.join()
        return DESCRIPTION

    def say_more() -> None:
        try:
            cast.say("Never mind", channel=channel, by=question.author_contact, thread_ts=question.ts)
        finally:
            connection.close()

    model.answer = meanwhile
    settle()
    assert not fresh(question).summary
    assert ModelCall.objects.latest("pk").state == ModelAnswer.LATE


def test_topics_in_use_are_offered(model: ModelServer, question: Message, channel: Channel) -> None:
    cast.make_conversation(channel=channel, topic="billing")
    stranger = cast.make_channel(workspace=cast.make_workspace(name="Initech"))
    cast.make_conversation(channel=stranger, topic="their secret")
    settle()
    assert model.asked[0]["topics"] == ["billing"]


def test_what_it_says_is_cut_and_cleaned(model: ModelServer, question: Message) -> None:
    model.answer = lambda _: DESCRIPTION | {
        "title": "<script>x</script>\n\u202eevil\x00" + "a b" * 300, "need": "n" * 5_000, "standing": "s\ns" * 500,
        "topic": "one two three four five", "priority": "urgent",
    }  # fmt: skip
    settle()
    found = fresh(question)
    assert len(found.title) <= 120
    assert not {"\n", "\u202e", "\x00"} & set(found.title)
    assert len(found.summary) <= 400
    assert found.summary.count("\n") == 1
    assert found.topic == "one two three"


@pytest.mark.parametrize("wrong", [{"priority": "panic"}, {"sentiment": ""}, {"title": None}])
def test_a_description_of_another_kind_changes_nothing(model: ModelServer, question: Message, wrong: Json) -> None:
    model.answer = lambda _: DESCRIPTION | wrong
    settle()
    assert fresh(question).title == "The export is empty since this morning"
    assert ModelCall.objects.get().state == ModelAnswer.INVALID


def test_a_title_that_a_person_wrote_stays(question: Message) -> None:
    Conversation.objects.update(title="Dana's own words")
    settle()
    found = fresh(question)
    assert (found.title, found.topic) == ("Dana's own words", "exports")


def test_the_models_own_title_is_replaced_by_its_next(model: ModelServer, question: Message, channel: Channel) -> None:
    settle()
    model.answer = lambda _: DESCRIPTION | {"title": "Export works again"}
    cast.say("It is back", channel=channel, by=question.author_contact, thread_ts=question.ts)
    settle()
    assert fresh(question).title == "Export works again"


def test_nothing_of_a_deleted_message_stays(model: ModelServer, question: Message, channel: Channel) -> None:
    more = cast.say("Our key is 1234", channel=channel, by=question.author_contact, thread_ts=question.ts)
    settle()
    assert fresh(question).summary
    assert more.ts
    delete_message(channel=channel, ts=more.ts, deleted_at=timezone.now())
    found = fresh(question)
    assert (found.summary, found.topic, found.title) == ("", "", "The export is empty since this morning")
    assert not found.events.exclude(data={}).filter(kind=EventKind.DESCRIBED).exists()
    publish_all()
    assert not ModelCall.objects.exclude(answer={}).exists()
    settle()
    assert "1234" not in str(model.asked[-1])
    assert fresh(question).summary


def test_a_new_wording_is_described_anew_without_losing_the_title_meanwhile(
    model: ModelServer, question: Message, channel: Channel
) -> None:
    settle()
    assert question.ts
    edit_message(channel=channel, ts=question.ts, text="The import is empty", edited_at=timezone.now())
    assert fresh(question).title == "Export of May is empty"
    settle()
    assert len(model.requests) == 2


def test_what_we_said_unasked_is_not_asked_about(model: ModelServer, channel: Channel, dana: User) -> None:
    cast.say("Maintenance tonight from ten", channel=channel, by=dana)
    settle()
    assert not model.requests
    assert not ModelCall.objects.filter(purpose=ModelPurpose.DESCRIPTION).exists()
