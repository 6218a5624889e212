"""A selection in the API's parameters: written as the board's address has it, and refused by name where it can't be."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from accounts.models import User
from conversations.models import Conversation
from conversations.saved_views import visible_to
from conversations.search.asking import prepare
from conversations.search.words import parse
from conversations.selecting import MOST, PARTS, Selection
from conversations.status import Status
from pylon.api import one_of


class Part(filters.CharFilter):
    """A part of a selection: the parts are read and applied together."""

    def filter(self, queryset: QuerySet[Conversation], _value: str) -> QuerySet[Conversation]:
        return queryset


class ConversationFilter(filters.FilterSet):
    status = filters.ChoiceFilter(choices=Status.choices, error_messages={"invalid_choice": one_of(Status.values)})
    owner = Part(label="A teammate's id, `mine` or `nobody`")
    account = Part(label="An account's id or `none`")
    channel = Part(label="A channel's id")
    tag = Part(label="A tag")
    tier = Part(label="A tier of the account")
    priority = Part(label="urgent, high, normal or low")
    waiting = Part(label="Waiting for us since so many minutes at least; 0: waiting at all")
    unread = Part(label="1: something is new to you")
    snoozed = Part(label="1: the snoozed ones alone; without, they are among the others")
    q = Part(label="Words and filters, as in the search")
    view = Part(label="The key of a saved view: what its board shows, thus without the snoozed ones")

    class Meta:
        model = Conversation
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        reader: User = self.request.user
        found: QuerySet[Conversation] = super().filter_queryset(queryset)
        if asked := read_strictly(self.data, reader):
            found = _chosen(found, asked, reader, with_snoozed=True)
        if key := self.form.cleaned_data["view"]:
            found = _chosen(found, _of_view(key, reader), reader)
        return found


def read_strictly(query: QueryDict, reader: User) -> Selection:
    """ValidationError, by part, for what the board would leave out with a word."""
    errors = {name: problems for name in PARTS if (problems := _problems(query, name, reader))}
    if errors:
        raise ValidationError(errors)
    return Selection.read(query, reader)


def _problems(query: QueryDict, name: str, reader: User) -> list[str]:
    if len(query.getlist(name)) > MOST:
        return [f"At most {MOST} values."]
    alone = QueryDict(mutable=True)
    alone.setlist(name, query.getlist(name))
    part = Selection.read(alone, reader)
    in_text = prepare(parse(part.text), reader).meaning.problems if part.text else []
    return [*part.problems, *in_text]


def _of_view(key: str, reader: User) -> Selection:
    view = visible_to(reader).filter(key=key).first()
    if view is None:
        raise ValidationError({"view": ["There is no such view, or it is not shared. /api/v1/views/ lists them."]})
    return Selection.read(QueryDict(view.query), reader)


def _chosen(
    conversations: QuerySet[Conversation], selection: Selection, reader: User, *, with_snoozed: bool = False
) -> QuerySet[Conversation]:
    where = selection.where(reader.workspace_id, with_snoozed=with_snoozed)
    ids = f"SELECT c.id FROM conversations_conversation c WHERE {where.text}"  # noqa: S608 - values are apart
    return conversations.filter(pk__in=RawSQL(ids, where.values))  # noqa: S611 - the same
