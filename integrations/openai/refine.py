"""Between rows and questions: what is asked about a call's message, and what an answer changes.

`prepare` reads and locks nothing. `Prepared.apply` goes through the conversations' own verbs, which take the answer
over only where nobody acted meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from conversations.describing import Description, describe, topics_in_use
from conversations.excerpts import clean, one_line
from conversations.models import Automatic, Message, MessageKind, Priority, Sentiment
from conversations.replies import ReplyKind
from conversations.second_opinion import Outcome, settle_place, settle_reading
from integrations.models import ModelCall, ModelPurpose
from integrations.openai.questions import (
    LINES,
    Line,
    Question,
    ask_description,
    ask_place,
    ask_reading,
)

RULE: Final = "model"
REASON_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question, and what to do with an answer to it. `apply` raises InvalidAnswerError."""

    question: Question
    apply: Callable[[str], Outcome]


def prepare(call: ModelCall) -> Prepared | None:
    """None: there is nothing to ask any more. The call's message and conversation are read already."""
    message = call.message
    if message.deleted_at or message.conversation_id != call.conversation_id:
        return None
    match ModelPurpose(call.purpose):
        case ModelPurpose.GROUPING:
            return _place(message)
        case ModelPurpose.STATUS:
            return _reading(message)
        case ModelPurpose.DESCRIPTION:
            return _description(message)


def _place(message: Message) -> Prepared:
    said = Message.objects.filter(channel=message.channel_id, deleted_at=None, conversation__is_unsorted=False)
    before = said.filter(sent_at__lte=message.sent_at).exclude(kind=MessageKind.NOTE).exclude(pk=message.pk)
    earlier = [
        Line(one.author_name, _words(one), one.sent_at.timestamp(), one.conversation_id, _side(one))
        for one in reversed(before.order_by("-sent_at", "-pk")[:LINES])
    ]
    asked = ask_place(
        message.author_name, _words(message), message.sent_at.timestamp(), _side(message), earlier
    )  # fmt: skip

    def apply(content: str) -> Outcome:
        to, reason = asked.read(content)
        return settle_place(message=message, to=to, by=_model(reason))

    return Prepared(asked.question, apply)


def _reading(message: Message) -> Prepared:
    said = message.conversation.messages.filter(deleted_at=None, sent_at__lte=message.sent_at)
    before = said.exclude(kind=MessageKind.NOTE).exclude(pk=message.pk).order_by("-sent_at", "-pk")[:LINES]
    question = ask_reading(message.text, [(_side(one), _words(one)) for one in reversed(before)])

    def apply(content: str) -> Outcome:
        answer = question.read(content)
        return settle_reading(message=message, kind=ReplyKind(answer["reply"]), by=_model(answer["reason"]))

    return Prepared(question, apply)


def _description(message: Message) -> Prepared:
    conversation = message.conversation
    knew = conversation.last_message_at  # read before its messages: what comes between makes it late
    said = conversation.messages.filter(deleted_at=None).exclude(kind=MessageKind.NOTE).order_by("sent_at", "pk")
    lines = [(one.author_name, _side(one), _words(one)) for one in said]
    question = ask_description(lines, topics_in_use(conversation.workspace_id))

    def apply(content: str) -> Outcome:
        answer = question.read(content)
        description = Description(
            title=answer["title"], need=answer["need"], standing=answer["standing"], topic=answer["topic"],
            sentiment=Sentiment(answer["sentiment"]), priority=Priority(answer["priority"]),
        )  # fmt: skip
        described = describe(conversation=conversation, description=description, knew=knew, by=Automatic(RULE, ""))
        return Outcome.USED if described else Outcome.LATE

    return Prepared(question, apply)


def _model(reason: str) -> Automatic:
    return Automatic(RULE, f"The model: {one_line(clean(reason), REASON_LENGTH)}")


def _words(message: Message) -> str:
    return message.text or message.files_line


def _side(message: Message) -> Literal["customer", "us"]:
    return "customer" if message.kind == MessageKind.INBOUND else "us"
