"""A model that fails is left alone, and tried again with one question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from integrations.openai import breaker
from integrations.openai.breaker import FAILURES


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def end_pause() -> None:
    cache.delete("model:paused_until")


def pause() -> timedelta:
    until = breaker.paused_until()
    assert until
    return until - timezone.now()


def test_it_opens_after_failures_in_a_row() -> None:
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.allowed(4) == 4
    breaker.failed()
    assert breaker.allowed(4) == 0


def test_an_answer_between_them_counts_them_anew() -> None:
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed()
        breaker.succeeded()
    assert breaker.allowed(4) == 4


def test_after_the_pause_one_question_decides() -> None:
    for _ in range(FAILURES + 3):  # those asked together don't lengthen the pause
        breaker.failed()
    assert timedelta(seconds=50) < pause() < timedelta(seconds=61)
    end_pause()
    assert breaker.allowed(4) == 1
    breaker.failed()
    assert timedelta(seconds=110) < pause() < timedelta(seconds=121)
    end_pause()
    breaker.succeeded()
    assert breaker.allowed(4) == 4


def test_no_pause_is_longer_than_a_quarter_of_an_hour() -> None:
    for _ in range(40):
        breaker.failed()
        end_pause()
    breaker.failed()
    assert pause() <= timedelta(minutes=15)


def test_what_the_server_asks_for_is_kept_even_when_another_answer_comes() -> None:
    breaker.hold(30)
    breaker.succeeded()
    assert breaker.allowed(4) == 0
    end_pause()
    assert breaker.allowed(4) == 4
