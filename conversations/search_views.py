"""The search page. Without a script it is a form; with one the answers appear while somebody types."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from conversations.requests import SignedInRequest
from conversations.search.hits import search
from conversations.search.suggesting import suggest
from conversations.search.words import LENGTH, Query, parse


@login_required
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def page(request: SignedInRequest) -> HttpResponse:
    """`q`: what is looked for; `after`: the key of the page before's end."""
    typed, after = request.GET.get("q", "")[:LENGTH], request.GET.get("after", "")
    try:
        found = search(request.user, typed, after=after)
    except ValueError:
        return HttpResponseBadRequest(_("after can’t be read."), content_type="text/plain")
    context = {
        "typed": typed,
        "page": found,
        "chips": _chips(found.query),
        "offers": _offers(found.query),
        "more": urlencode({"q": typed, "after": found.next}) if found.next else "",
        "length": LENGTH,
        "is_first": not after,
    }
    if request.htmx and request.htmx.target == "more":
        return render(request, "search/_hits.html", context)
    if request.htmx:
        return render(request, "search/_results.html", context)
    context["suggestions"] = suggest(request.user, typed) if found.problems else []
    return render(request, "search/search.html", context)


@login_required
@require_safe
def suggestions(request: SignedInRequest) -> HttpResponse:
    """What the last word of `q` may become."""
    typed = request.GET.get("q", "")[:LENGTH]
    return render(request, "search/_suggestions.html", {"suggestions": suggest(request.user, typed)})


def _chips(query: Query) -> list[tuple[str, str]]:
    """The filters, each with the address of the search without it."""
    return [(str(filter_), urlencode({"q": str(query.without(filter_))})) for filter_ in query.filters]


def _offers(query: Query) -> list[tuple[str, str]]:
    """Filters that many want, with the address of the search with them."""
    offered = [
        ("owner:me", _("Mine")),
        ("status:open", _("Open")),
        ("is:waiting", _("Waiting")),
        ("is:unread", _("Unread")),
        ("has:file", _("With files")),
        ("in:notes", _("In notes")),
    ]
    there = {filter_.key for filter_ in query.filters}
    return [
        (label, urlencode({"q": f"{query} {words}".strip()}))
        for words, label in offered
        if parse(words).filters[0].key not in there
    ]
