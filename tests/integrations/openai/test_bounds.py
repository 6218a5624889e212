"""What it may cost and how long it may take, whatever the server does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Channel, Contact
from conversations.models import Message
from integrations.models import ModelAnswer, ModelCall, ModelPurpose
from integrations.openai.asking import AT_ONCE, ATTEMPTS, ask_next
from tests import cast
from tests.integrations.openai.model_server import ModelServer
from tests.integrations.openai.steps import MINUTE, ask_all, call, fresh, publish_all, to, unsure, wait_over


def test_beyond_the_days_budget_nothing_is_asked(
    model: ModelServer, doubt: Message, settings: Settings, channel: Channel
) -> None:
    other = cast.say("x", channel=channel, by=doubt.author_contact, ago=timedelta(days=2))
    spent = ModelCall.objects.create(
        workspace=doubt.workspace, conversation=other.conversation, message=other, purpose=ModelPurpose.STATUS,
        state=ModelAnswer.USED, tokens_in=5_000, tokens_out=4_000, finished_at=timezone.now(),
    )  # fmt: skip
    settings.OPENAI_DAILY_TOKENS = 10_000
    ask_all()
    assert not model.requests
    assert call().state == ModelAnswer.REFUSED
    assert "budget" in call().error

    ModelCall.objects.filter(pk=spent.pk).update(
        created_at=timezone.now() - timedelta(days=2), finished_at=timezone.now() - timedelta(days=2)
    )
    ModelCall.objects.exclude(pk=spent.pk).update(state=ModelAnswer.WAITING)
    wait_over()
    ask_next()
    assert len(model.requests) == 1


def test_what_a_server_does_not_count_is_guessed(model: ModelServer, doubt: Message) -> None:
    model.counts_tokens, model.answer = False, to("new")
    ask_all()
    assert call().tokens_in > 300
    assert call().tokens_out > 5


def test_the_same_question_is_not_asked_twice(model: ModelServer, doubt: Message) -> None:
    model.answer = to("new")
    ask_all()
    known = call()
    ModelCall.objects.filter(pk=known.pk).update(purpose=ModelPurpose.STATUS)
    again = ModelCall.objects.create(
        workspace=doubt.workspace, conversation=doubt.conversation, message=doubt, purpose=ModelPurpose.GROUPING
    )
    ask_next()
    again.refresh_from_db()
    assert (again.state, again.tokens_in, again.digest) == (ModelAnswer.AGREED, 0, known.digest)
    assert len(model.requests) == 1


def test_a_model_that_fails_is_asked_again_and_then_no_more(model: ModelServer, doubt: Message) -> None:
    model.fault = 500
    publish_all()
    for attempt in range(1, ATTEMPTS + 1):
        assert ask_next() == 1
        assert ask_next() == 0  # it waits
        assert call().attempts == attempt
        wait_over()
    assert (call().state, call().error) == (ModelAnswer.FAILED, "HTTP 500")
    assert ask_next() == 0
    assert len(model.requests) == ATTEMPTS


def test_a_refusal_for_good_is_not_repeated(model: ModelServer, doubt: Message) -> None:
    model.fault = 400
    ask_all()
    wait_over()
    assert ask_next() == 0
    assert (call().state, call().error) == (ModelAnswer.FAILED, "HTTP 400")


def test_failures_in_a_row_open_the_breaker_and_one_question_closes_it(
    model: ModelServer, channel: Channel, contact: Contact
) -> None:
    for number in range(6):
        unsure(cast.say(f"Question {number}?", channel=channel, by=contact, ago=(20 - number) * MINUTE))
    publish_all()
    model.fault = 503
    assert ask_next() == AT_ONCE
    assert ask_next() == 2
    wait_over()
    assert ask_next() == 0
    assert len(model.requests) == 6

    cache.delete("model:paused_until")
    model.fault, model.answer = "", to("new")
    assert ask_next() == 1
    assert ask_next() == AT_ONCE


def test_a_server_that_says_when_to_come_back_is_left_alone_until_then(model: ModelServer, doubt: Message) -> None:
    model.fault, model.headers = 429, {"Retry-After": "300"}
    ask_all()
    wait_over()
    assert ask_next() == 0
    assert call().state == ModelAnswer.WAITING


def test_one_worker_asks_at_a_time_and_a_lost_one_is_replaced(model: ModelServer, doubt: Message) -> None:
    model.answer = to("new")
    publish_all()
    ModelCall.objects.update(state=ModelAnswer.ASKING, claimed_at=timezone.now(), attempts=1)
    unsure(cast.say("Another?", channel=fresh(doubt).channel, by=doubt.author_contact))  # type: ignore[arg-type]
    publish_all()
    assert ask_next() == 0
    wait_over()
    assert ask_next() == 2
    assert not ModelCall.objects.filter(state=ModelAnswer.ASKING).exists()


def test_what_takes_worker_after_worker_is_given_up(model: ModelServer, doubt: Message) -> None:
    publish_all()
    ModelCall.objects.update(state=ModelAnswer.ASKING, attempts=ATTEMPTS)
    wait_over()
    assert ask_next() == 0
    assert (call().state, call().error) == (ModelAnswer.FAILED, "its worker was lost")


def test_what_waited_for_hours_is_not_asked_any_more(model: ModelServer, doubt: Message) -> None:
    publish_all()
    ModelCall.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert ask_next() == 0
    assert {one.state for one in ModelCall.objects.all()} == {ModelAnswer.REFUSED}


def test_neither_key_nor_text_is_in_what_is_kept_of_a_failure(
    model: ModelServer, doubt: Message, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.OPENAI_API_KEY = "sk-very-secret"
    model.fault = 401
    ask_all()
    kept = f"{call().error} {call().answer} {caplog.text}"
    assert "sk-" not in kept
    assert "Who corrects it" not in kept
