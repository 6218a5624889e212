"""The figures for programs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations.analytics.answers import Report
from conversations.analytics.period import Period, Step
from conversations.analytics.report import report, today
from conversations.analytics.scope import Scope
from pylon.api import LARGEST_KEY, one_of, refuse_unknown
from pylon.api_views import teammate

USUAL_DAYS = 30
LINES = 200
"""Of each table, the busiest."""


class SummarySerializer(serializers.Serializer[Any]):
    """Seconds, of `touches` replies. Percentiles are within 5 %."""

    count = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    median = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)


class ValueSerializer(serializers.Serializer[Any]):
    """`value` is a count, a median or a share from 0 to 1; null when there is nothing to say."""

    count = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)
    wall = SummarySerializer(allow_null=True)
    working = SummarySerializer(allow_null=True)


class TotalSerializer(serializers.Serializer[Any]):
    """`change` is how much more than before, as a share of it; of a share the difference."""

    name = serializers.CharField(source="figure.label")
    meaning = serializers.CharField(source="figure.meaning")
    unit = serializers.CharField(source="figure.unit")
    now = ValueSerializer()
    before = ValueSerializer(allow_null=True)
    change = serializers.FloatField(allow_null=True)


class PointSerializer(serializers.Serializer[Any]):
    """`backlog`: how many conversations were open at the end."""

    start = serializers.DateField()
    last = serializers.DateField()
    values = serializers.DictField(child=ValueSerializer())
    backlog = serializers.IntegerField()


class BarSerializer(serializers.Serializer[Any]):
    """How many were from `least` up to, but not, `most`."""

    least = serializers.IntegerField()
    most = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField()


class LineSerializer(serializers.Serializer[Any]):
    """`key` is an id, a tag or a tier; `0` or empty: those without. `open`: right now."""

    key = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    values = serializers.DictField(child=ValueSerializer())
    open = serializers.IntegerField()


class NowSerializer(serializers.Serializer[Any]):
    open = serializers.IntegerField()
    todo = serializers.IntegerField()
    in_progress = serializers.IntegerField()
    waiting = serializers.IntegerField()
    overdue = serializers.IntegerField()
    longest_wait = serializers.FloatField(allow_null=True)
    median_wait = serializers.FloatField(allow_null=True)
    waits = BarSerializer(many=True)


class DaysSerializer(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()
    step = serializers.CharField()


class ReportSerializer(serializers.Serializer[Any]):
    period = DaysSerializer()
    before = DaysSerializer(allow_null=True)
    zone = serializers.CharField()
    totals = serializers.DictField(child=TotalSerializer())
    series = PointSerializer(many=True)
    series_before = PointSerializer(many=True)
    distributions = serializers.DictField(child=BarSerializer(many=True))
    working_distributions = serializers.DictField(child=BarSerializer(many=True))
    heat = serializers.DictField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.IntegerField())),
        help_text="By weekday, 0 being Monday, and hour.",
    )
    tables = serializers.DictField(
        child=LineSerializer(many=True),
        help_text=f"owner, account, channel, tag and tier; of each the {LINES} lines with the most new conversations.",
    )
    now = NowSerializer()
    is_sample = serializers.BooleanField()
    counted_until = serializers.DateTimeField(allow_null=True)
    is_rebuilding = serializers.BooleanField()


class Asked(serializers.Serializer[Any]):
    """What a report is asked for. Parts may be given more than once."""

    first = serializers.DateField(required=False, help_text="In the workspace's time zone; without: 30 days.")
    last = serializers.DateField(required=False, help_text="Without: today.")
    step = serializers.ChoiceField(
        choices=Step.choices, default=Step.DAY, error_messages={"invalid_choice": one_of(Step.values)}
    )
    compare = serializers.BooleanField(default=True, help_text="With as many days before.")
    owner = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=LARGEST_KEY), default=list)
    account = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=LARGEST_KEY), default=list)
    channel = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=LARGEST_KEY), default=list)
    tag = serializers.ListField(child=serializers.CharField(max_length=40), default=list)
    tier = serializers.ListField(child=serializers.CharField(max_length=40), default=list)

    def to_internal_value(self, data: QueryDict) -> Any:
        refuse_unknown(data, set(self.fields))
        return super().to_internal_value(data)


class AnalyticsView(APIView):
    """How fast you answer whom. docs/analytics.md says what each figure means."""

    @extend_schema(parameters=[Asked], responses=ReportSerializer, operation_id="analytics")
    def get(self, request: Request) -> Response:
        """The figures of some days: totals against as many days before, by step, distributions, tables, and now."""
        asked = Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        chosen, workspace = asked.validated_data, teammate(request).workspace
        scope = Scope(
            frozenset(chosen["owner"]), frozenset(chosen["account"]), frozenset(chosen["channel"]),
            frozenset(chosen["tag"]), frozenset(chosen["tier"]),
        )  # fmt: skip
        found = report(workspace, scope, _period(chosen, today(workspace)), compare=chosen["compare"], lines=LINES)
        return Response(_written(found))


def _period(chosen: dict[str, Any], this_day: date) -> Period:
    last = chosen.get("last", this_day)
    try:
        return Period(chosen.get("first", last - timedelta(days=USUAL_DAYS - 1)), last, Step(chosen["step"]))
    except (ValueError, OverflowError) as error:
        raise ValidationError({"first": [str(error)]}) from None


def _written(found: Report) -> dict[str, Any]:
    written: dict[str, Any] = ReportSerializer(found).data
    return written
