"""What every part of the REST API shares: pages by key, and a clear 400 for what it doesn't know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django_filters import NumberFilter
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

LARGEST_KEY = 2**63 - 1


class NewestFirst(CursorPagination):
    """Pages by key, so that page 1,000 costs what page 1 does."""

    ordering = "-pk"
    page_size_query_param = "limit"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int | None:
        if "limit" not in request.query_params:
            return self.page_size
        raw: str = str(request.query_params["limit"])
        if not (raw.isdecimal() and len(raw) <= 4 and 1 <= int(raw) <= self.max_page_size):
            raise ValidationError({"limit": [f"A whole number from 1 to {self.max_page_size} is needed."]})
        return int(raw)

    def decode_cursor(self, request: Request) -> Cursor | None:
        refusal = ValidationError({"cursor": ["Use the address in `next` or `previous` as it is."]})
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except NotFound:
            raise refusal from None
        if cursor and cursor.position is not None and not str(cursor.position).isdecimal():
            raise refusal
        return cursor


class KnownFilters(DjangoFilterBackend):
    """Refuses a parameter that no filter reads: a misspelt one would answer everything."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Model], view: APIView) -> QuerySet[Model]:
        filterset = self.get_filterset(request, queryset, view)
        known = {*(filterset.filters if filterset else ()), "limit", "cursor"}
        refuse_unknown(request.query_params, known)
        filtered: QuerySet[Model] = super().filter_queryset(request, queryset, view)
        return filtered


class KeyFilter(NumberFilter):
    """Rows that point to the one with this id."""

    field_class = forms.IntegerField

    def __init__(self, field_name: str, label: str) -> None:
        message = {"invalid": "A whole number is needed: an id."}
        super().__init__(field_name, label=label, min_value=1, max_value=LARGEST_KEY, error_messages=message)


class Change(serializers.Serializer[Any]):
    """The body of a PATCH: only what shall change, and nothing that can't."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            refuse_unknown(data, set(self.fields))
        return super().to_internal_value(data)


class Named(serializers.Serializer[Any]):
    """What another object is called, enough to show it."""

    id = serializers.IntegerField()
    name = serializers.CharField()


def refuse_unknown(given: Iterable[str], known: set[str]) -> None:
    allowed = ", ".join(sorted(known))
    refusal = [f"Not known here. Allowed: {allowed}."]
    # A name may hold half a surrogate pair, which no answer can carry.
    errors = {name.encode(errors="replace").decode(): refusal for name in given if name not in known}
    if errors:
        raise ValidationError(errors)


def one_of(choices: Iterable[str]) -> str:
    """An error's text for a choice that isn't one."""
    return f"Must be one of {', '.join(choices)}."
