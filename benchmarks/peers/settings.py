"""The settings of the peer's worker: Pylon's models and database, none of its inbox, outbox or pages."""

from __future__ import annotations

from pylon.settings import *  # noqa: F403

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "accounts", "conversations"]
ROOT_URLCONF = __name__
urlpatterns: list[object] = []
