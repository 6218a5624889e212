"""The conversation's page. What people do there reaches the conversation's own verbs."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from conversations import board as boards
from conversations import snoozing
from conversations import timeline as timelines
from conversations.board import Key
from conversations.fanout import now_ms
from conversations.models import Conversation, EventKind, Priority
from conversations.regrouping import follow_merges
from conversations.replying import under_way
from conversations.requests import SignedInRequest
from conversations.seeing import mark_seen, seen_until
from conversations.status import Status
from conversations.surroundings import surroundings
from conversations.timeline import Unseen

NOTE_LENGTH = 10_000


@login_required
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def conversation(request: SignedInRequest, number: int) -> HttpResponse:
    """The page, or with `drawer` what it is about alone. `before` and `since`, keys: a part of the timeline."""
    found = find(request, number)
    if found.merged_into_id:
        address = follow_merges(found).get_absolute_url()
        if "drawer" in request.GET:
            return redirect(f"{address}?drawer=1")
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
    return show_page(request, found)


@login_required
@require_POST
def change_status(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `status`; `from`, the status that the person saw; `answer=changes` for the board's script."""
    found = find(request, number)
    try:
        wanted = Status(request.POST.get("status", ""))
        seen = Status(request.POST["from"]) if request.POST.get("from") else None
    except ValueError:
        return HttpResponseBadRequest(_("There is no such status."), content_type="text/plain")
    with transaction.atomic():
        # Locked, so that of two people who move it at once the second is told.
        fresh = request.user.workspace.conversations.select_for_update().get(pk=found.pk)
        overtaken = seen is not None and fresh.status not in {seen, wanted}
        if not overtaken:
            fresh.set_status(wanted, by=request.user)
    told = _who_was_first(fresh) if overtaken else ""
    http_status = HTTPStatus.CONFLICT if overtaken else HTTPStatus.OK
    if request.POST.get("answer") == "changes":
        drawn = boards.draw_changes(request.user.workspace_id, [fresh.pk])
        return HttpResponse(drawn + format_html("<p data-toast>{}</p>", told), status=http_status)
    done = _("The status is %(status)s now.") % {"status": Status(fresh.status).label}
    return after(request, fresh, done=done, error=told, status=http_status)


@login_required
@require_POST
def change_owner(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `owner`, a teammate's id, or empty for nobody."""
    found = find(request, number)
    owner: User | None = None
    if request.POST.get("owner"):
        teammates = request.user.workspace.users.filter(is_active=True)
        owner = get_object_or_404(teammates, pk=whole_number(request.POST["owner"]))
    done = _("%(owner)s owns it now.") % {"owner": owner} if owner else _("Nobody owns it now.")
    return after(request, found.assign(owner, by=request.user), done=done)


@login_required
@require_POST
def add_note(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `text`. An internal note: it goes nowhere but onto this page."""
    found = find(request, number)
    text = request.POST.get("text", "").replace("\x00", "").strip()
    error = ""
    if not text:
        error = _("Write something first.")
    elif len(text) > NOTE_LENGTH:
        error = _("A note has at most %(most)s characters.") % {"most": f"{NOTE_LENGTH:,}"}
    else:
        found.add_note(text, by=request.user)
    if not error and not request.htmx:
        return redirect(found)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    composer = {"with_composer": True, "note_error": error, "draft": text if error else ""}
    return show_page(request, find(request, number), status=status, extra=composer)


def find(request: SignedInRequest, number: int) -> Conversation:
    """Through the reader's workspace: a stranger's conversation does not exist."""
    ours = request.user.workspace.conversations.select_related("account__owner", "owner", "channel__owner")
    return get_object_or_404(ours, number=number)


def after(
    request: SignedInRequest,
    found: Conversation,
    *,
    done: str = "",
    error: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """What follows a form: its page, drawn again for a script or where something is wrong, else gone to. `done`: what
    is said there, since without a script nothing shows that the page was drawn anew."""
    if request.htmx or error:
        return show_page(request, find(request, found.number), status=status, extra={"error": error})
    if done:
        messages.success(request, done)
    return redirect(found)


def onwards(request: SignedInRequest, address: str, **query: str | int) -> HttpResponse:
    """Go to a page of the conversation, with what its script sent: the browser follows by itself."""
    carried = {name: given(request, name) for name in ("since", "seen", "hidden", "drawer")}
    kept = query | {name: value for name, value in carried.items() if value}
    return redirect(f"{address}?{urlencode(kept)}" if kept else address)


def show_page(
    request: SignedInRequest,
    found: Conversation,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    extra: Mapping[str, object] | None = None,
) -> HttpResponse:
    drawn_at = now_ms()
    try:
        before, unseen = _key(request, "before"), _look_at(request, found)
        since = None if before else _key(request, "since")
    except ValueError:
        return HttpResponseBadRequest(_("The keys can’t be read."), content_type="text/plain")
    target = request.htmx.target if request.htmx else None
    context = {
        "conversation": found,
        "timeline": timelines.read(found, before=before, since=since, unseen=unseen),
        **(extra or {}),
    }
    if target == "earlier":
        return render(request, "conversations/_earlier.html", context, status=status)
    context = {
        "drawn_at": drawn_at,
        "seen": Key(unseen.after, 0),
        "surroundings": surroundings(found),
        "people": boards.people(request.user.workspace_id),
        "statuses": list(Status),
        "priorities": list(Priority),
        "monday": snoozing.next_monday(timezone.localdate()),
        "note_length": NOTE_LENGTH,
        "replies": under_way(found),
        "with_composer": "composer" in request.GET,
        "focus_note": request.GET.get("composer") == "note",
        "in_drawer": bool(given(request, "drawer")),
        **context,
    }
    return render(request, f"conversations/{_template(request, target)}.html", context, status=status)


def _template(request: SignedInRequest, target: str | None) -> str:
    """The page, its content for the drawer, or for a script what a change may have touched."""
    if "drawer" in request.GET and target is None:
        return "_conversation"
    return "_conversation_changes" if request.htmx else "conversation"


def _key(request: SignedInRequest, name: str) -> Key | None:
    text = given(request, name)
    return Key.parse(text) if text else None


def given(request: SignedInRequest, name: str) -> str:
    """What the page's script sends with every request of its own, in the address or with a form."""
    return request.POST.get(name) or request.GET.get(name, "")


def _look_at(request: SignedInRequest, found: Conversation) -> Unseen:
    """What is new to the reader, who has seen it by this: `seen` is what it was when the page came. A page in the
    background (`hidden`) is not looked at."""
    key = _key(request, "seen")
    before = key.at if key else seen_until(request.user, found)
    if not given(request, "hidden"):
        mark_seen(request.user, found)
    return Unseen(request.user, before)


def _who_was_first(found: Conversation) -> str:
    moves = found.events.filter(kind=EventKind.STATUS_CHANGED).select_related("by_user", "by_contact")
    last = moves.order_by("-happened_at", "-pk").first()
    who = (last and last.by_name) or _("Somebody")
    return _("%(who)s moved it to %(where)s meanwhile.") % {"who": who, "where": Status(found.status).label}


def whole_number(text: str) -> int | None:
    """An id as given by a browser; None when it can't be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
