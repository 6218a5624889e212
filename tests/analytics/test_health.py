"""When an account needs attention, and why; what a person knows of stays aside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Channel, Role, User, Workspace
from conversations.analytics.figures import Kind
from conversations.health import Vitals, judge
from conversations.models import Conversation, Fact, Sentiment, Sign
from conversations.status import Status
from conversations.vitals import put_aside, read_health, take_up, volume_by_week
from tests import cast

HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("vitals", "words"),
    [
        (Vitals(), []),
        (Vitals(waiting=1, longest_wait=3 * HOUR, usual_answer=HOUR), [
            "Has waited for 3 h, 3 times as long as usual.",
        ]),
        (Vitals(waiting=1, longest_wait=3 * HOUR - 1, usual_answer=HOUR), []),
        (Vitals(waiting=1, longest_wait=HOUR - 1, usual_answer=60), []),
        (Vitals(waiting=1, longest_wait=2 * DAY, usual_answer=600), [
            "Has waited for 2 d, where an answer usually takes 10 min.",
        ]),
        (Vitals(waiting=1, longest_wait=DAY), ["Has waited for an answer for 1 d."]),
        (Vitals(waiting=1, longest_wait=DAY - 1), []),
        (Vitals(judged=4, unhappy=2), ["2 of the last 4 conversations sound unhappy."]),
        (Vitals(judged=2, unhappy=2), []),
        (Vitals(judged=5, unhappy=2), []),
        (Vitals(silent_days=24, usual_gap=4.2), ["No message for 24 days, usually every 4 days."]),
        (Vitals(silent_days=24, usual_gap=1.1), ["No message for 24 days, usually every day."]),
        (Vitals(silent_days=6, usual_gap=1.0), []),
        (Vitals(silent_days=11, usual_gap=4.0), []),
        (Vitals(silent_days=99), []),
        (Vitals(silent_days=24, usual_gap=4.0, waiting=1), []),
        (Vitals(recent=8, usual=3.0), ["8 new conversations in four weeks, usually 3."]),
        (Vitals(recent=4, usual=0.0), []),
        (Vitals(recent=8, usual=5.0), []),
        (Vitals(recent=8), []),
    ],
    ids=range(20),
)  # fmt: skip
def test_reasons(vitals: Vitals, words: list[str]) -> None:
    assert [reason.words for reason in judge(vitals).reasons] == words


def test_the_worst_comes_first_and_what_is_known_weighs_nothing() -> None:
    vitals = Vitals(waiting=1, longest_wait=24 * HOUR, usual_answer=HOUR, recent=8, usual=4.0)
    assert [reason.sign for reason in judge(vitals).reasons] == [Sign.WAITING, Sign.VOLUME]
    judgement = judge(vitals, frozenset({Sign.WAITING}))
    assert [reason.sign for reason in judgement.reasons] == [Sign.VOLUME]
    assert [reason.sign for reason in judgement.put_aside] == [Sign.WAITING]
    assert judgement.weight == 1


@pytest.fixture
def waiting(channel: Channel) -> Conversation:
    """For two hours, where answers took ten minutes every fourth day."""
    now = timezone.now()
    conversation = cast.make_conversation(channel=channel, opened_at=now - timedelta(hours=2))
    for days in range(0, 84, 4):
        fact(conversation, Kind.NEW, now - timedelta(days=days))
        fact(conversation, Kind.FIRST_RESPONSE, now - timedelta(days=days), value=600)
    return conversation


def fact(conversation: Conversation, kind: Kind, at: datetime, value: int | None = None) -> None:
    Fact.objects.create(
        workspace=conversation.workspace, conversation=conversation, kind=kind, at=at, day=at.astimezone(UTC).date(),
        hour=at.hour, account_id=conversation.account_id, channel_id=conversation.channel_id, value=value,
    )  # fmt: skip


@pytest.mark.django_db
def test_it_is_read_from_what_was_counted(workspace: Workspace, account: Account, waiting: Conversation) -> None:
    (health,) = read_health(workspace)
    vitals = health.vitals
    assert (vitals.waiting, vitals.usual_answer, vitals.recent, vitals.usual_gap) == (1, 600, 7, 4)
    assert vitals.usual == pytest.approx(14 * 28 / 84)
    assert [reason.sign for reason in health.judgement.reasons] == [Sign.WAITING]
    weeks = volume_by_week(workspace, [account.pk])[account.pk]
    assert (sum(weeks), weeks[-1]) == (21, 2)
    Conversation.objects.update(sentiment=Sentiment.NEGATIVE, snoozed_until=timezone.now() + timedelta(days=1))
    (health,) = read_health(workspace, [account.pk])
    assert (health.vitals.waiting, health.vitals.judged, health.vitals.unhappy) == (0, 1, 1)


@pytest.mark.django_db
def test_as_many_queries_for_many_accounts(
    workspace: Workspace, waiting: Conversation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        other = cast.make_channel(workspace=workspace, account=cast.make_account(workspace=workspace))
        cast.make_conversation(channel=other, status=Status.CLOSED)
    with django_assert_num_queries(6):
        assert len(read_health(workspace)) == 21


@pytest.mark.django_db
def test_somebody_knows(workspace: Workspace, account: Account, waiting: Conversation, dana: User, omar: User) -> None:
    known = put_aside(account, Sign.WAITING, days=7, by=dana)
    (health,) = read_health(workspace)
    assert not health.needs_attention
    assert health.known == {Sign.WAITING: known}
    (health,) = read_health(workspace, now=timezone.now() + timedelta(days=7))
    assert health.needs_attention
    with pytest.raises(ValidationError):
        put_aside(account, Sign.WAITING, days=91, by=dana)
    omar.role = Role.READER
    with pytest.raises(PermissionDenied):
        take_up(account, Sign.WAITING, by=omar)
    take_up(account, Sign.WAITING, by=dana)
    assert read_health(workspace)[0].needs_attention


@pytest.mark.django_db
def test_the_page(client: Client, account: Account, waiting: Conversation, dana: User, stranger: User) -> None:
    client.force_login(dana)
    page = client.get("/analytics/accounts/").text
    assert "Has waited for 2 h, 12 times as long as usual." in page
    assert "no language model has read" in page
    address = f"/analytics/accounts/{account.pk}/known/"
    answer = client.post(address, {"sign": "waiting", "days": "7", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/analytics/accounts/"
    assert "No account needs attention" in client.get("/analytics/accounts/").text
    assert "Known to Dana Reyes" in client.get("/analytics/accounts/?all=1&mine=1").text
    assert client.post(address, {"sign": "smell"}).status_code == 400
    client.post(address, {"sign": "waiting"})
    assert "12 times" in client.get("/analytics/accounts/").text
    client.force_login(stranger)
    assert client.post(address, {"sign": "waiting", "days": "7"}).status_code == 404
    assert "No accounts here" in client.get("/analytics/accounts/").text
