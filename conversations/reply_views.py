"""Replying from a conversation's page, in two steps: write and look at the preview, then send just that.

What was previewed travels sealed to the second step. Nothing can be sent that was not shown, and no form of another
kind, such as that of an internal note, has the seal.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from conversations.models import Conversation, ReplyState
from conversations.replying import LENGTH, UNDO, destination, refusal, worded, write_reply
from conversations.requests import SignedInRequest
from conversations.views import find, onwards, show_page, whole_number

SALT = "conversations.reply"
SEALED_FOR = timedelta(days=1)
TOO_OLD = gettext_lazy("Look at the preview once more: it was too old, or not yours.")
CHANNEL = "channel"
"""The value of `reply_place` for a reply beside the thread."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What its writer has seen in the preview. `key` makes it one reply, however often it is sent."""

    conversation: int
    author: int
    key: str
    text: str
    thread_ts: str


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def write(request: SignedInRequest, number: int) -> HttpResponse:
    """The composer. Form: what comes back from the preview; `from`: the id of a reply that was taken back."""
    found = find(request, number)
    text, in_channel = _typed(request)
    if "from" in request.GET:
        taken_back = request.user.replies.filter(state=ReplyState.TAKEN_BACK)
        if reply := taken_back.filter(pk=whole_number(request.GET["from"]) or 0).first():
            text, in_channel = reply.text, not reply.thread_ts
    return _composer(request, found, text=text, in_channel=in_channel)


@login_required
@require_POST
def preview(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `reply_text`; `reply_place`, CHANNEL or the thread. Sends nothing."""
    found = find(request, number)
    text, in_channel = _typed(request)
    try:
        if problem := refusal(found, request.user):
            raise ValidationError(problem)
        text = worded(text)
    except ValidationError as error:
        return _composer(request, found, text=text, in_channel=in_channel, error=error)
    place = destination(found)
    thread_ts = "" if in_channel and not place.is_begun else place.thread_ts
    seen = Seen(found.pk, request.user.pk, str(uuid4()), text, thread_ts)
    extra = {
        "with_composer": True, "composer": "preview", "sealed": signing.dumps(asdict(seen), salt=SALT),
        "reply_text": text, "in_channel": not thread_ts, "destination": place,
        "undo_seconds": int(UNDO.total_seconds()),
    }  # fmt: skip
    return show_page(request, found, extra=extra)


@login_required
@require_POST
def send(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `sealed`, from the preview. Sent twice, it is one reply."""
    found = find(request, number)
    seen = _unsealed(request, found)
    if seen is None:
        return _composer(request, found, text=_typed(request)[0], error=ValidationError(TOO_OLD))
    try:
        reply = write_reply(
            conversation=found, text=seen.text, by=request.user, key=UUID(seen.key), thread_ts=seen.thread_ts
        )
        if reply.state == ReplyState.TAKEN_BACK:
            raise ValidationError(_("You have taken this reply back. To send it after all, look at the preview again."))
    except ValidationError as error:
        return _composer(request, found, text=seen.text, in_channel=not seen.thread_ts, error=error)
    return onwards(request, found.get_absolute_url(), composer="again")


def _composer(
    request: SignedInRequest,
    found: Conversation,
    *,
    text: str = "",
    in_channel: bool = False,
    error: ValidationError | None = None,
) -> HttpResponse:
    extra = {
        "with_composer": True, "composer": "reply", "reply_text": text, "in_channel": in_channel,
        "destination": destination(found), "refusal": refusal(found, request.user), "reply_length": LENGTH,
        "reply_error": error.messages[0] if error else "",
    }  # fmt: skip
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return show_page(request, found, status=status, extra=extra)


def _typed(request: SignedInRequest) -> tuple[str, bool]:
    """The text, and whether it is for the channel instead of the thread."""
    return request.POST.get("reply_text", ""), request.POST.get("reply_place") == CHANNEL


def _unsealed(request: SignedInRequest, found: Conversation) -> Seen | None:
    """What this person has seen of this conversation's preview."""
    try:
        seen = Seen(**signing.loads(request.POST.get("sealed", ""), salt=SALT, max_age=SEALED_FOR))
    except signing.BadSignature:
        return None
    return seen if (seen.conversation, seen.author) == (found.pk, request.user.pk) else None
