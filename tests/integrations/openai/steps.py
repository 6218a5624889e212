"""What tests of the model do again and again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from conversations.models import Message
from integrations.models import ModelCall, ModelPurpose
from integrations.openai import asking
from integrations.openai.asking import ask_next
from integrations.outbox import publish

MINUTE = timedelta(minutes=1)


def unsure(message: Message) -> Message:
    message.grouping_rule, message.grouping_score = "linked", 0.6
    message.save()
    return message


def fresh(message: Message) -> Message:
    return Message.objects.select_related("conversation").get(pk=message.pk)


def call(purpose: ModelPurpose = ModelPurpose.GROUPING) -> ModelCall:
    return ModelCall.objects.filter(purpose=purpose).latest("pk")


def publish_all() -> None:
    while publish():
        pass


def ask_all() -> None:
    publish_all()
    while ask_next():
        pass


def settle() -> None:
    ModelCall.objects.update(created_at=timezone.now() - asking.SETTLED * 2)


def wait_over() -> None:
    ModelCall.objects.update(claimed_at=timezone.now() - timedelta(minutes=10))


def to(place: str) -> Any:
    return lambda _: {"reason": "about the invoice of May", "conversation": place}
