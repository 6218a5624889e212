"""The model's settings page: on or off, what it cost, what its answers were good for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Channel, Contact, User
from conversations.models import Conversation
from integrations.models import ModelAnswer, ModelCall, ModelPurpose
from integrations.openai import breaker
from tests import cast

URL = "/settings/model/"


@pytest.fixture
def model(settings: Settings) -> None:
    cache.clear()
    settings.OPENAI_BASE_URL = "http://model.example:11434/v1"
    settings.OPENAI_MODEL = "small-one"
    settings.OPENAI_DAILY_TOKENS = 10_000


@pytest.fixture
def page(client: Client, omar: User) -> Client:
    client.force_login(omar)
    return client


def ask(channel: Channel, contact: Contact, state: ModelAnswer, **fields: object) -> ModelCall:
    message = cast.say("?", channel=channel, by=contact)
    return ModelCall.objects.create(
        workspace=channel.workspace, conversation=message.conversation, message=message,
        purpose=ModelPurpose.GROUPING, state=state, finished_at=timezone.now(), **fields,
    )  # fmt: skip


def text(client: Client) -> str:
    return " ".join(client.get(URL).content.decode().split())


def test_without_a_model_it_says_so(page: Client) -> None:
    shown = text(page)
    assert "nothing that customers write leaves this installation" in shown
    assert "Newest questions" not in shown


@pytest.mark.usefixtures("model")
def test_use_and_cost_are_counted(page: Client, channel: Channel, contact: Contact) -> None:
    ask(channel, contact, ModelAnswer.USED, tokens_in=1_000, tokens_out=234, milliseconds=1_500)
    ask(channel, contact, ModelAnswer.AGREED, milliseconds=500)
    ask(channel, contact, ModelAnswer.INVALID, error="<b>not JSON</b>")
    old = ask(channel, contact, ModelAnswer.LATE, tokens_in=5_000)
    before = timezone.now() - timedelta(days=3)
    ModelCall.objects.filter(pk=old.pk).update(created_at=before, finished_at=before)

    shown = text(page)

    assert "<code>small-one</code> at model.example, without a key" in shown
    assert "1,234 of 10,000" in shown
    assert "&lt;b&gt;not JSON&lt;/b&gt;" in shown
    assert '<th scope="row">Tokens</th><td class="number">6,234</td>' in shown
    assert '<th scope="row">Mean time</th><td class="number">1.0 s</td>' in shown
    assert shown.count("badge-closed") == 1


@pytest.mark.usefixtures("model")
def test_a_pause_and_a_spent_budget_are_told(page: Client, channel: Channel, contact: Contact) -> None:
    ask(channel, contact, ModelAnswer.USED, tokens_in=10_000)
    for _ in range(breaker.FAILURES):
        breaker.failed()
    shown = text(page)
    assert "Left alone for now" in shown
    assert "after 5 failures in a row" in shown
    assert "Today’s budget is spent" in shown
    cache.clear()


@pytest.mark.usefixtures("model")
def test_a_redis_that_is_away_is_told(page: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    }
    assert "State unknown" in text(page)


@pytest.mark.usefixtures("model")
def test_other_workspaces_are_not_shown(client: Client, stranger: User, channel: Channel, contact: Contact) -> None:
    ask(channel, contact, ModelAnswer.USED, tokens_in=777)
    client.force_login(stranger)
    shown = text(client)
    assert "777" not in shown
    assert "Nothing was asked" in shown


def test_strangers_sign_in_first(client: Client) -> None:
    assert client.get(URL).status_code == 302


def test_a_description_is_shown_and_escaped(page: Client, channel: Channel, contact: Contact) -> None:
    said = cast.say("Hello", channel=channel, by=contact)
    Conversation.objects.filter(pk=said.conversation_id).update(
        title="<script>1</script>", summary="<script>2</script>\nsecond line", topic="<script>3</script>",
        sentiment="negative", suggested_priority="high", described_at=said.sent_at,
    )  # fmt: skip
    shown = page.get(said.conversation.get_absolute_url()).content.decode()
    assert "<script>1" not in shown + page.get("/board/").content.decode()
    assert "<script>2" not in shown
    assert "&lt;script&gt;2&lt;/script&gt;<br>second line" in shown
    assert "&lt;script&gt;3" in shown
    assert "High, suggested" in shown
    assert "More was said since" not in shown
