"""Where people put the grouping right. With a script the choice opens under the message, without one it is a page."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect, reswap, trigger_client_event

from conversations import corrections, views
from conversations.finding import find
from conversations.models import Conversation, Correction, CorrectionKind, Message
from conversations.regrouping import said, with_threads
from conversations.requests import SignedInRequest

OFFERED = 8
"""Conversations of the channel that are offered to choose from."""


@login_required
@require_safe
@vary_on_headers("HX-Request")
def choose(request: SignedInRequest, number: int) -> HttpResponse:
    """What can be done with a message (`message`, its id), or with the whole conversation; `q` searches."""
    conversation = views.find(request, number)
    query = request.GET.get("q", "").replace("\x00", "").strip()
    context: dict[str, object] = {"conversation": conversation, "query": query}
    if "message" in request.GET:
        message = get_object_or_404(said(conversation), pk=views.whole_number(request.GET["message"]))
        count = said(conversation).count()
        thread = with_threads([message], conversation)
        onwards = _onwards(message, conversation)
        context |= {
            "message": message,
            "thread_count": len(thread),
            "may_split": conversation.is_unsorted or len(thread) < count,
            "onward_count": len(onwards) if len(thread) < len(onwards) < count else 0,
        }
    context["offered"] = _offered(conversation, query)
    return render(request, "conversations/_correct.html" if request.htmx else "conversations/correct.html", context)


@login_required
@require_POST
def move(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `message`, its id; `to`, a conversation's number."""
    message = _message(request, number)
    to = views.find(request, views.whole_number(request.POST.get("to", "")) or 0)
    return _done(
        request, message.conversation, lambda: corrections.move_messages(messages=[message], to=to, by=request.user)
    )


@login_required
@require_POST
def split(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `message`, its id; `onwards` for all that were said after it too."""
    message = _message(request, number)
    chosen = _onwards(message, message.conversation) if request.POST.get("onwards") else [message]
    return _done(request, message.conversation, lambda: corrections.split_off(messages=chosen, by=request.user))


@login_required
@require_POST
def merge(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `to`, a conversation's number."""
    source = views.find(request, number)
    target = views.find(request, views.whole_number(request.POST.get("to", "")) or 0)
    return _done(request, source, lambda: corrections.merge(source=source, target=target, by=request.user))


@login_required
@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Form: `on`, the number of the conversation whose page it is pressed on."""
    ours = Correction.objects.filter(workspace=request.user.workspace_id).select_related("source__channel", "target")
    correction = get_object_or_404(ours, pk=pk)
    seen = views.find(request, views.whole_number(request.POST.get("on", "")) or correction.source.number)
    try:
        corrections.undo(correction=correction, by=request.user)
    except ValidationError as error:
        return views.after(request, seen, error=" ".join(error.messages), status=HTTPStatus.CONFLICT)
    emptied = Conversation.objects.get(pk=seen.pk)
    place = emptied.merged_into or emptied
    if place != seen and request.htmx:
        return _gone_to(request, place)
    if not request.htmx:
        messages.success(request, _("Taken back."))
        return redirect(place)
    return trigger_client_event(views.after(request, seen), "pylon:toast", {"text": _("Taken back.")}, after="swap")


def _done(request: SignedInRequest, seen: Conversation, correct: Callable[[], Correction]) -> HttpResponse:
    try:
        correction = correct()
    except ValidationError as error:
        return views.after(request, seen, error=" ".join(error.messages), status=HTTPStatus.CONFLICT)
    source = Conversation.objects.get(pk=correction.source_id)
    told = _words(correction)
    address = correction.target.get_absolute_url()
    place = correction.target if source.merged_into_id else source
    toast = {
        "text": told.format(f"#{correction.target.number}"),
        "undo": reverse("undo-correction", args=[correction.pk]),
        "values": {"on": place.number},
    }
    if request.htmx and not source.merged_into_id:
        return trigger_client_event(views.after(request, source), "pylon:toast", toast, after="swap")
    if request.htmx and views.given(request, "drawer"):
        return trigger_client_event(_gone_to(request, place), "pylon:toast", toast)
    place_link = format_html('<a href="{}">#{}</a>', address, correction.target.number)
    messages.success(request, format_html(told, place_link))
    return _gone_to(request, place) if request.htmx else redirect(place)


def _gone_to(request: SignedInRequest, place: Conversation) -> HttpResponse:
    """What was shown is part of another conversation now: the drawer opens that, a page goes there."""
    if views.given(request, "drawer"):
        return trigger_client_event(reswap(HttpResponse(), "none"), "drawer:open", {"number": place.number})
    return HttpResponseClientRedirect(place.get_absolute_url())


def _words(correction: Correction) -> str:
    """With {} for where they are now."""
    count = len(correction.before)
    match CorrectionKind(correction.kind):
        case CorrectionKind.MOVE:
            told = ngettext("A message is now in %(place)s.", "%(count)d messages are now in %(place)s.", count)
        case CorrectionKind.SPLIT:
            told = ngettext(
                "A message is now a conversation: %(place)s.", "%(count)d messages are now a conversation: %(place)s.",
                count,
            )  # fmt: skip
        case CorrectionKind.MERGE:
            told = _("#%(source)d is merged into %(place)s.")
    return told % {"count": count, "source": correction.source.number, "place": "{}"}


def _message(request: SignedInRequest, number: int) -> Message:
    conversation = views.find(request, number)
    found = said(conversation).select_related("conversation__channel")
    return get_object_or_404(found, pk=views.whole_number(request.POST.get("message", "")))


def _onwards(message: Message, conversation: Conversation) -> list[Message]:
    later = Q(sent_at__gt=message.sent_at) | Q(sent_at=message.sent_at, pk__gte=message.pk)
    return with_threads(said(conversation).filter(later), conversation)


def _offered(conversation: Conversation, query: str) -> list[Conversation]:
    """The channel's newest others, or those that are searched for by number or words."""
    if query:
        found = find(conversation.workspace, query, most=OFFERED + 1, channel=conversation.channel)
        return [one for one in found if one.pk != conversation.pk][:OFFERED]
    others = Conversation.objects.filter(channel=conversation.channel_id).listed().exclude(pk=conversation.pk)
    return list(others.newest_first()[:OFFERED])
