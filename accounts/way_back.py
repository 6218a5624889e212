"""What was just done and can be taken back: kept from the form that did it to the page that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from accounts.requests import SignedInRequest

KEPT, SALT, SECONDS = "accounts_way_back", "pylon.accounts.way-back", 3_600


@dataclass(frozen=True, slots=True)
class WayBack:
    words: str
    token: str


def keep(request: SignedInRequest, words: str, *, kind: str, steps: list[dict[str, Any]]) -> None:
    """`steps`: plain values that the verb of this `kind` reads."""
    token = signing.dumps([request.user.pk, kind, steps], salt=SALT, compress=True) if steps else ""
    request.session[KEPT] = [words, token]


def shown_once(request: SignedInRequest) -> WayBack | None:
    kept = request.session.pop(KEPT, None)
    return WayBack(*kept) if kept else None


def read(request: SignedInRequest) -> tuple[str, list[dict[str, Any]]]:
    """ValueError when it isn't this teammate's, or too old."""
    try:
        who, kind, steps = signing.loads(request.POST.get("undo", ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise ValueError("unreadable") from error
    if who != request.user.pk:
        raise ValueError("somebody else's")
    return kind, steps


def to_list(request: SignedInRequest) -> HttpResponseRedirect:
    """Back to the list as it was: the form's `query`."""
    query = QueryDict(request.POST.get("query", "")).urlencode()
    return redirect(f"{reverse('accounts')}?{query}" if query else reverse("accounts"))
