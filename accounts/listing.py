"""Which accounts the list shows, and in which order: a form that is read from the address."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django import forms
from django.db.models import Count, Exists, F, Func, Max, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, User

MINE, NOBODY = "mine", "none"
Ordered = Callable[[QuerySet[Account]], QuerySet[Account]]

ORDERS: dict[str, Ordered] = {
    "": lambda found: found.order_by("name", "pk"),
    "waiting": lambda found: found.alias(since=Min("conversations__waiting_since")).order_by(
        F("since").asc(nulls_last=True), "name", "pk"
    ),
    "open": lambda found: found.alias(
        open_ones=Count("conversations", filter=Q(conversations__closed_at=None))
    ).order_by("-open_ones", "name", "pk"),
    "last": lambda found: found.alias(last_at=Max("conversations__last_message_at")).order_by(
        F("last_at").desc(nulls_last=True), "name", "pk"
    ),
}


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
        self._offer("owner", [("", _("Any owner")), (MINE, _("Mine")), (NOBODY, _("Without owner")), *people])
        self._offer("tier", [("", _("Any tier")), *((tier, tier) for tier in tiers)])
        self._offer("tag", [("", _("Any tag")), *((tag, tag) for tag in sorted(tags))])
        self.is_valid()

    def _offer(self, name: str, choices: Iterable[tuple[str, object]]) -> None:
        self.fields[name] = forms.ChoiceField(label=self.fields[name].label, required=False, choices=list(choices))

    @property
    def narrows(self) -> bool:
        return any(value for name, value in self.cleaned_data.items() if name != "order")

    def accounts(self) -> QuerySet[Account]:
        chosen = self.cleaned_data
        found = Account.objects.filter(workspace=self.reader.workspace_id).select_related("owner")
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
        return ORDERS[chosen.get("order") or ""](found)
