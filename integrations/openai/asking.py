"""Asking the model: the ModelCall rows that are due are claimed, asked at once, and their answers applied.

The table is the queue. One worker at a time holds a handful of questions, so that an installation never asks more at
once than that, nor loses more than one of its workers to waiting. No transaction or lock is held while it waits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from conversations.excerpts import clean
from conversations.second_opinion import Outcome
from conversations.status import Status
from integrations.models import ModelAnswer, ModelCall, ModelPurpose
from integrations.openai import breaker, budget
from integrations.openai.client import ANSWER_TOKENS, Completion, ModelError, ask, is_configured
from integrations.openai.questions import InvalidAnswerError
from integrations.openai.refine import Prepared, prepare

log = structlog.get_logger(__name__)

AT_ONCE: Final = 4
SETTLED: Final = timedelta(seconds=30)
"""So long nothing was said before a conversation is described; one that a person closed is described at once."""
ATTEMPTS: Final = 3
WAITS: Final = (timedelta(seconds=10), timedelta(minutes=1))
"""Before the second attempt, and before the third."""
LEASE: Final = timedelta(seconds=60)
"""On top of OPENAI_TIMEOUT: after that a question counts as lost with its worker."""
DONE: Final = [ModelAnswer.USED, ModelAnswer.AGREED]


def ask_next() -> int:
    """Ask some of what is due. Answers how many calls were worked on."""
    _give_up_old()
    if not is_configured():
        return 0
    calls = _claim(breaker.allowed(AT_ONCE))
    asked: list[tuple[ModelCall, Prepared]] = []
    for call in calls:
        try:
            if prepared := _prepare(call, reserved=sum(one.question.tokens + ANSWER_TOKENS for _, one in asked)):
                asked.append((call, prepared))
        except Exception as error:
            # The edge: the error is kept with the call; the others go on.
            log.error("a question to the model could not be put", call=call.pk, exc_info=error)
            _finish(call, ModelAnswer.FAILED, error=type(error).__name__)
    answers = ask([prepared.question for _, prepared in asked]) if asked else []
    for (call, prepared), answer in zip(asked, answers, strict=True):
        _take(call, prepared, answer)
    return len(calls)


def _give_up_old() -> None:
    """What waited too long, while the model failed or nobody worked; and what took too many workers with it."""
    now = timezone.now()
    due = ModelCall.objects.filter(state__in=[ModelAnswer.WAITING, ModelAnswer.ASKING])
    too_late = due.filter(state=ModelAnswer.WAITING, created_at__lt=now - budget.PATIENCE)
    too_late.update(state=ModelAnswer.REFUSED, error="waited too long", finished_at=now)
    lost = due.filter(state=ModelAnswer.ASKING, claimed_at__lt=now - _lease(), attempts__gte=ATTEMPTS)
    lost.update(state=ModelAnswer.FAILED, error="its worker was lost", finished_at=now)


def _claim(most: int) -> list[ModelCall]:
    """Take up to so many of what is due, unless a worker has some in flight."""
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('questions to the model', 0))")
        lost = Q(state=ModelAnswer.ASKING, claimed_at__lt=now - _lease())
        if most == 0 or ModelCall.objects.filter(state=ModelAnswer.ASKING).exclude(lost).exists():
            return []
        waited = Q(claimed_at=None)
        for attempts, wait in enumerate(WAITS, 1):
            waited |= Q(attempts=attempts, claimed_at__lt=now - wait)
        settled = (
            ~Q(purpose=ModelPurpose.DESCRIPTION)
            | Q(created_at__lt=now - SETTLED)
            | Q(conversation__status=Status.CLOSED, conversation__status_by_person=True)
        )
        due = ModelCall.objects.filter(state__in=[ModelAnswer.WAITING, ModelAnswer.ASKING])
        due = due.filter(lost | (Q(state=ModelAnswer.WAITING) & waited & settled))
        # Where a message belongs is waited for; a description is not.
        ids = list(due.order_by(F("purpose").desc(), "pk").values_list("pk", flat=True)[:most])
        ModelCall.objects.filter(pk__in=ids).update(
            state=ModelAnswer.ASKING, claimed_at=now, attempts=F("attempts") + 1, model=settings.OPENAI_MODEL
        )
    return list(ModelCall.objects.filter(pk__in=ids).select_related("message", "conversation").order_by("pk"))


def _prepare(call: ModelCall, *, reserved: int) -> Prepared | None:
    """The question, if it is to be asked: not if it is moot, known, or beyond the budget."""
    prepared = prepare(call)
    if prepared is None:
        _finish(call, ModelAnswer.LATE)
        return None
    call.digest = prepared.question.digest(call.model)
    same = ModelCall.objects.filter(workspace=call.workspace_id, digest=call.digest, state__in=DONE)
    if known := same.exclude(answer={}).first():
        _apply(call, prepared, known.answer["content"])
        return None
    if budget.left(call.workspace_id) - reserved < prepared.question.tokens + ANSWER_TOKENS:
        _finish(call, ModelAnswer.REFUSED, error="the day's budget is spent")
        return None
    return prepared


def _take(call: ModelCall, prepared: Prepared, answer: Completion | ModelError) -> None:
    if isinstance(answer, ModelError):
        _failed(call, prepared, answer)
        return
    breaker.succeeded()
    call.tokens_in += answer.tokens_in or prepared.question.tokens
    call.tokens_out += answer.tokens_out or len(answer.content) // 3
    call.milliseconds = answer.milliseconds
    _apply(call, prepared, answer.content)


def _apply(call: ModelCall, prepared: Prepared, content: str) -> None:
    try:
        outcome = prepared.apply(content)
    except InvalidAnswerError as error:
        _finish(call, ModelAnswer.INVALID, error=str(error))
    except Exception as error:
        # The edge: the error is kept with the call; the others go on.
        log.error("a model's answer could not be applied", call=call.pk, exc_info=error)
        _finish(call, ModelAnswer.FAILED, error=type(error).__name__)
    else:
        call.answer = {"content": clean(content)}
        _finish(call, _STATES[outcome])


def _failed(call: ModelCall, prepared: Prepared, error: ModelError) -> None:
    if error.retry_after:
        breaker.hold(error.retry_after)
    else:
        breaker.failed()
    # The server may have read it, and will then bill it.
    call.tokens_in += prepared.question.tokens if not error.permanent else 0
    log.warning("the model did not answer", call=call.pk, error=str(error), attempts=call.attempts)
    is_last = error.permanent or call.attempts >= ATTEMPTS
    _finish(call, ModelAnswer.FAILED if is_last else ModelAnswer.WAITING, error=str(error))


def _finish(call: ModelCall, state: ModelAnswer, *, error: str = "") -> None:
    """Note what became of it; unless it was put anew, or given to another worker, meanwhile."""
    finished = None if state == ModelAnswer.WAITING else timezone.now()
    mine = ModelCall.objects.filter(pk=call.pk, state=ModelAnswer.ASKING, claimed_at=call.claimed_at)
    mine.update(
        state=state, error=error[:300], finished_at=finished, digest=call.digest, answer=call.answer,
        tokens_in=call.tokens_in, tokens_out=call.tokens_out, milliseconds=call.milliseconds,
    )  # fmt: skip


def _lease() -> timedelta:
    return LEASE + timedelta(seconds=settings.OPENAI_TIMEOUT)


_STATES: Final = {
    Outcome.USED: ModelAnswer.USED,
    Outcome.AGREED: ModelAnswer.AGREED,
    Outcome.LATE: ModelAnswer.LATE,
}
