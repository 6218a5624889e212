"""Which accounts the list shows, in which order, and which page of them: a form that is read from the address."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db.models import Count, Exists, F, Func, Max, Min, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User

MINE, NOBODY = "mine", "none"
PAGE = 50
OPEN = Q(conversations__closed_at=None, conversations__merged_into=None, conversations__is_unsorted=False)
NEVER, LONG_AGO = datetime(9999, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)
"""Stand for no time, so that a page can go on after it."""


@dataclass(frozen=True, slots=True)
class Order:
    """By a figure of each account, then by name."""

    by: Combinable
    descends: bool = False


ORDERS = {
    "": Order(Value(0)),
    "waiting": Order(Coalesce(Min("conversations__waiting_since"), NEVER)),
    "open": Order(Count("conversations", filter=OPEN), descends=True),
    "last": Order(Coalesce(Max("conversations__last_message_at"), LONG_AGO), descends=True),
}


@dataclass(frozen=True, slots=True)
class Page:
    """`before`, `after`: the keys from which the neighbouring pages go on; empty where there is none."""

    accounts: Sequence[Account]
    before: str
    after: str


class ListingForm(forms.Form):
    """What isn't offered (an owner who left, a tag that nobody has any more) is left out of the question."""

    q = forms.CharField(label=_("Find an account"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    tag = forms.ChoiceField(label=_("Tag"), required=False)
    waiting = forms.BooleanField(label=_("Somebody waits"), required=False)
    order = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("", _("By name")),
            ("waiting", _("Waiting longest first")),
            ("open", _("Most open first")),
            ("last", _("Newest message first")),
        ],
    )

    def __init__(self, data: dict[str, str], *, reader: User) -> None:
        super().__init__({**data, "q": data.get("q", "").replace("\x00", "")})
        self.reader = reader
        accounts = Account.objects.filter(workspace=reader.workspace_id)
        owners = User.objects.filter(Exists(accounts.filter(owner=OuterRef("pk"))))
        tiers = accounts.exclude(tier="").order_by("tier").values_list("tier", flat=True).distinct()
        tags = accounts.order_by().values_list(Func("tags", function="unnest"), flat=True).distinct()
        people = [(str(owner.pk), owner.name) for owner in owners]
        self.tiers, self.tags = list(tiers), sorted(tags)
        self._offer("owner", [("", _("Any owner")), (MINE, _("Mine")), (NOBODY, _("Without owner")), *people])
        self._offer("tier", [("", _("Any tier")), *((tier, tier) for tier in self.tiers)])
        self._offer("tag", [("", _("Any tag")), *((tag, tag) for tag in self.tags)])
        self.is_valid()

    def _offer(self, name: str, choices: Iterable[tuple[str, object]]) -> None:
        self.fields[name] = forms.ChoiceField(label=self.fields[name].label, required=False, choices=list(choices))

    @property
    def narrows(self) -> bool:
        return any(value for name, value in self.cleaned_data.items() if name != "order")

    def accounts(self) -> QuerySet[Account]:
        chosen = self.cleaned_data
        found = Account.objects.filter(workspace=self.reader.workspace_id)
        if chosen.get("q"):
            found = found.filter(Q(name__icontains=chosen["q"]) | Q(domains__contains=[chosen["q"].lower()]))
        if owner := chosen.get("owner"):
            found = found.filter(owner={MINE: self.reader.pk, NOBODY: None}.get(owner, owner))
        if chosen.get("tier"):
            found = found.filter(tier=chosen["tier"])
        if chosen.get("tag"):
            found = found.filter(tags__contains=[chosen["tag"]])
        if chosen.get("waiting"):
            waits = Account.objects.filter(pk=OuterRef("pk"), conversations__waiting_since__isnull=False)
            found = found.filter(Exists(waits))
        return found

    def page(self, *, after: str = "", before: str = "") -> Page:
        """One query. A key that nobody wrote leads to the first page."""
        order = ORDERS[self.cleaned_data.get("order") or ""]
        backwards = bool(before)
        found = self.accounts().select_related("owner").annotate(place=order.by)
        if key := _read(before or after):
            found = found.filter(_beyond(key, place_falls=order.descends != backwards, falls=backwards))
        falls = order.descends != backwards
        place, rest = F("place").desc() if falls else F("place").asc(), ("name", "pk")
        rows = list(found.order_by(place, *(f"-{name}" if backwards else name for name in rest))[: PAGE + 1])
        is_more, rows = len(rows) > PAGE, rows[:PAGE]
        if backwards:
            rows.reverse()
        if not rows:
            return Page(rows, "", "")
        is_first, is_last = (not is_more, not key) if backwards else (not key, not is_more)
        return Page(rows, "" if is_first else _key(rows[0]), "" if is_last else _key(rows[-1]))


def _beyond(key: tuple[Any, str, int], *, place_falls: bool, falls: bool) -> Q:
    place, name, pk = key
    same = Q(place=place)
    further = Q(place__lt=place) if place_falls else Q(place__gt=place)
    if falls:
        return further | (same & (Q(name__lt=name) | Q(name=name, pk__lt=pk)))
    return further | (same & (Q(name__gt=name) | Q(name=name, pk__gt=pk)))


def _key(account: Account) -> str:
    place = account.place  # type: ignore[attr-defined]  # annotated by `page`
    return json.dumps([place.isoformat() if isinstance(place, datetime) else place, account.name, account.pk])


def _read(text: str) -> tuple[Any, str, int] | None:
    try:
        place, name, pk = json.loads(text)
        place = parse_datetime(place) if isinstance(place, str) else place
    except (ValueError, TypeError):
        return None
    is_key = isinstance(place, (int, datetime)) and isinstance(name, str) and isinstance(pk, int)
    is_stored = is_key and "\x00" not in name and 0 <= pk < 2**63
    return (place, name, pk) if is_stored and not (isinstance(place, int) and abs(place) >= 2**31) else None
