"""What the command palette asks the server for: conversations, accounts, people and views by words, and what a
conversation's owner or tag can be. Drawn as options of its list; the commands themselves are the browser's."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from conversations.models import SavedView
from conversations.requests import SignedInRequest
from conversations.search.hits import search
from conversations.search.words import LENGTH
from conversations.tagging import tags_in_use

MOST = 6
"""Of each kind."""
CHOICES = 500


@login_required
@require_safe
def answers(request: SignedInRequest) -> HttpResponse:
    """`q`: as for the search page."""
    typed = request.GET.get("q", "")[:LENGTH].strip()
    page = search(request.user, typed, most=MOST)
    context = {
        "page": page,
        "typed": typed,
        "teammates": _people(request.user).filter(name__icontains=typed)[:MOST] if typed else (),
        "views": _views(request.user).filter(name__icontains=typed)[:MOST],
    }
    return render(request, "search/_palette.html", context)


@login_required
@require_safe
def choices(request: SignedInRequest, what: str) -> HttpResponse:
    """`what`: owner or tag."""
    if what == "owner":
        found = [(str(pk), name) for pk, name in _people(request.user).values_list("pk", "name")[:CHOICES]]
    elif what == "tag":
        found = [(tag, tag) for tag in tags_in_use(request.user.workspace_id)]
    else:
        raise Http404
    return render(request, "search/_palette_choices.html", {"choices": found})


def _people(user: User) -> QuerySet[User]:
    return user.workspace.users.filter(is_active=True).order_by("name", "pk")


def _views(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(owner=user) | Q(is_shared=True), workspace=user.workspace_id)
