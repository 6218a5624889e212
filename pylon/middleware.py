from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import time_zones
from accounts.models import User

PAGES = (
    "default-src 'self'; img-src 'self' data: https:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# The admin's package writes styles and scripts into its pages.
PACKAGES = PAGES.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'"
)


class ContentSecurityPolicy:
    """Our pages run our own files only, so that customers' text can't run anything even if escaping failed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        packaged = request.path.startswith("/admin/")
        response.headers.setdefault("Content-Security-Policy", PACKAGES if packaged else PAGES)
        return response


class ReadersZone:
    """Times are drawn in the browser's zone, where a script has told it (`zone`), else in the reader's or else in the
    workspace's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(ZoneInfo(time_zones.known(_zone(request)) or "UTC")):
            return self.get_response(request)


def _zone(request: HttpRequest) -> str:
    user = request.user
    told = time_zones.known(request.COOKIES.get("zone", ""))
    return told or ((user.time_zone or user.workspace.time_zone) if isinstance(user, User) else "")
