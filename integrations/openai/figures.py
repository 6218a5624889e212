"""What the model's settings page shows: how it stands, what it was asked and what became of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db.models import Avg, Count, F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy

from integrations.models import ModelAnswer, ModelCall, ModelPurpose
from integrations.openai import breaker, budget
from integrations.openai.client import address, is_configured

LATELY: Final = timedelta(days=30)
NEWEST: Final = 20
OUTCOMES: Final = (
    (gettext_lazy("Used"), (ModelAnswer.USED,)),
    (gettext_lazy("Agreed"), (ModelAnswer.AGREED,)),
    (gettext_lazy("Late"), (ModelAnswer.LATE,)),
    (gettext_lazy("Not valid"), (ModelAnswer.INVALID,)),
    (gettext_lazy("Not asked"), (ModelAnswer.REFUSED,)),
    (gettext_lazy("No answer"), (ModelAnswer.FAILED,)),
    (gettext_lazy("Waiting"), (ModelAnswer.WAITING, ModelAnswer.ASKING)),
)
SHORT: Final = {
    ModelPurpose.GROUPING: gettext_lazy("Place"),
    ModelPurpose.STATUS: gettext_lazy("Reply"),
    ModelPurpose.DESCRIPTION: gettext_lazy("Description"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`is_known` False: the breaker's state can't be read."""

    is_on: bool
    model: str
    host: str
    has_key: bool
    is_known: bool
    failures: int
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class Use:
    """Of one purpose: how many questions came to each of OUTCOMES, their tokens, and the mean time of an answer."""

    purpose: str
    counts: list[int]
    tokens: int
    seconds: float | None

    @property
    def total(self) -> int:
        return sum(self.counts)


def standing() -> Standing:
    try:
        failures, paused_until, is_known = breaker.failures(), breaker.paused_until(), True
    except redis.RedisError:
        failures, paused_until, is_known = 0, None, False
    return Standing(
        is_on=is_configured(),
        model=settings.OPENAI_MODEL,
        host=urlsplit(address()).hostname or "",
        has_key=bool(settings.OPENAI_API_KEY),
        is_known=is_known,
        failures=failures,
        paused_until=paused_until,
    )


def today(workspace_id: int) -> list[Use]:
    return _uses(_calls(workspace_id).filter(created_at__gte=budget.begun_at()))


def lately(workspace_id: int) -> list[Use]:
    return _uses(_calls(workspace_id).filter(created_at__gte=timezone.now() - LATELY))


def newest(workspace_id: int) -> list[ModelCall]:
    return list(_calls(workspace_id).select_related("conversation").order_by("-created_at")[:NEWEST])


def _calls(workspace_id: int) -> QuerySet[ModelCall]:
    return ModelCall.objects.filter(workspace=workspace_id)


def _uses(calls: QuerySet[ModelCall]) -> list[Use]:
    outcomes = {f"of_{n}": Count("pk", filter=Q(state__in=states)) for n, (_, states) in enumerate(OUTCOMES)}
    counted = (
        calls.order_by()
        .values("purpose")
        .annotate(
            tokens=Sum(F("tokens_in") + F("tokens_out")),
            milliseconds=Avg("milliseconds", filter=Q(milliseconds__gt=0)),
            **outcomes,
        )
    )
    found: dict[str, Mapping[str, Any]] = {values["purpose"]: values for values in counted}
    return [_use(purpose, found.get(purpose.value, {})) for purpose in ModelPurpose]


def _use(purpose: ModelPurpose, values: Mapping[str, Any]) -> Use:
    milliseconds = values.get("milliseconds")
    return Use(
        purpose=str(SHORT[purpose]),
        counts=[values.get(f"of_{n}", 0) for n in range(len(OUTCOMES))],
        tokens=values.get("tokens") or 0,
        seconds=round(milliseconds / 1000, 1) if milliseconds else None,
    )
