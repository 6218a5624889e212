"""The settings of the peer's worker: Pylon's models and database, none of its inbox, outbox or pages."""

from __future__ import annotations

from pylon.settings import *  # noqa: F403

INSTALLED_APPS = [
    "django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "django.contrib.messages",
    "allauth", "allauth.account", "allauth.mfa", "allauth.usersessions", "accounts", "conversations",
]  # fmt: skip
ROOT_URLCONF = __name__
urlpatterns: list[object] = []
