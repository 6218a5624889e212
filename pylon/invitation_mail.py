"""The e-mail with an invitation's link. Sent while the admin waits, because the link is stored nowhere."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Invitation

log = structlog.get_logger(__name__)


def link(secret: str) -> str:
    return f"{settings.BASE_URL}{reverse('invitation', args=[secret])}"


def send(invitation: Invitation, secret: str) -> bool:
    """Whether it was sent. What went wrong is kept with the invitation."""
    if not settings.EMAIL_URL:
        return False
    words = {"invitation": invitation, "link": link(secret)}
    subject = _("%(who)s invites you to %(workspace)s in Pylon") % {
        "who": invitation.invited_by or "Pylon", "workspace": invitation.workspace,
    }  # fmt: skip
    try:
        body = render_to_string("accounts/invitation.txt", words)
        send_mail(" ".join(subject.split()), body, None, [invitation.email])
    except OSError as error:  # smtplib's errors are such
        log.warning("an invitation was not sent", invitation=invitation.pk, error=str(error))
        invitation.sent_at, invitation.send_error = None, str(error)[:200]
    else:
        invitation.sent_at, invitation.send_error = timezone.now(), ""
    invitation.save(update_fields=["sent_at", "send_error"])
    return invitation.sent_at is not None
