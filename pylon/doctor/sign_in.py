"""Whether people can come in, and get back in."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.models import Role, User, Workspace
from integrations.slack.credentials import app_named
from integrations.slack.sign_in import redirect_uri
from pylon.doctor.finding import Finding, advice, good, wrong


def findings() -> Iterator[Finding]:
    led = User.objects.filter(role=Role.ADMIN, is_active=True).values("workspace")
    orphans = sorted(Workspace.objects.exclude(pk__in=led).values_list("name", flat=True))
    if orphans or not Workspace.objects.exists():
        of = f" of {', '.join(orphans)}" if orphans else ""
        yield advice("Admins", f"nobody may set the workspace up{of}", "manage.py createsuperuser, or /admin/")
    else:
        yield good("Admins", "each workspace has one")
    yield _slack()
    if settings.EMAIL_URL:
        yield good("E-mail", "invitations and forgotten passwords are sent")
    else:
        yield advice("E-mail", "no mail server: invitations are links to copy", "set EMAIL_URL")


def _slack() -> Finding:
    try:
        app = app_named("")
    except ImproperlyConfigured:
        return wrong("Sign-in with Slack", "the app's credentials can't be read", "see SECRET_KEY")
    if app is None:
        return advice(
            "Sign-in with Slack", "off: no client id and secret", "paste the app's credentials on /settings/slack/"
        )
    if not settings.BASE_URL.startswith("https://"):
        return advice("Sign-in with Slack", "Slack leads back to https addresses only", "set BASE_URL to one")
    return good("Sign-in with Slack", f"on; {redirect_uri()} must be among the app's Redirect URLs")
