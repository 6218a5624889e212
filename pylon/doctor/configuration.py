"""The operator's settings, as far as they can be judged from here."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from integrations.models import Installation, SlackApp
from pylon.doctor.finding import Finding, advice, good, wrong


def addresses() -> Iterator[Finding]:
    url = urlsplit(settings.BASE_URL)
    host = url.hostname or ""
    if not validate_host(host, settings.ALLOWED_HOSTS):
        yield wrong(
            "Address", f"{host}, of BASE_URL, is not in ALLOWED_HOSTS: every page is refused", "add it to ALLOWED_HOSTS"
        )
    elif "*" in settings.ALLOWED_HOSTS:
        yield advice("Address", "ALLOWED_HOSTS takes any host name", "name the hosts")
    elif url.path:
        yield wrong("Address", f"BASE_URL ends in {url.path}", "leave the path out: Pylon is at a host's root")
    else:
        yield good("Address", f"{settings.BASE_URL}, and its host is allowed")
    if settings.DEBUG and url.scheme == "https":
        yield wrong("DEBUG", "is on where others reach Pylon: errors show its inside", "unset DEBUG")


def secrets() -> Iterator[Finding]:
    """Each row is read by itself, so that one that can't be read doesn't hide the others."""
    unreadable = []
    for model in (Installation, SlackApp):
        for pk in model.objects.values_list("pk", flat=True):
            try:
                model.objects.only("credentials").get(pk=pk)
            except ImproperlyConfigured:
                unreadable.append(f"{model._meta.verbose_name} {pk}")
    if unreadable:
        yield wrong(
            "SECRET_KEY", f"can't decrypt the credentials of {', '.join(unreadable)}",
            "put the former key into SECRET_KEY_FALLBACKS, or connect these again",
        )  # fmt: skip
    else:
        yield good("SECRET_KEY", "decrypts all stored credentials")
