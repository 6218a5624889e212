"""Credentials at rest."""

from __future__ import annotations

import json

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from accounts.models import Workspace
from integrations.models import Installation
from tests import cast

pytestmark = pytest.mark.django_db

TOKEN = "xoxb-very-secret"


@pytest.fixture
def installation(workspace: Workspace) -> Installation:
    return cast.make_installation(workspace=workspace, credentials={"bot_token": TOKEN, "scopes": ["chat:write"]})


def raw() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM integrations_installation")
        row = cursor.fetchone()
    assert row
    return str(row[0])


def test_what_is_stored_comes_back(installation: Installation) -> None:
    installation.refresh_from_db()
    assert installation.credentials == {"bot_token": TOKEN, "scopes": ["chat:write"]}
    Installation.objects.update(credentials={})
    installation.refresh_from_db()
    assert installation.credentials == {}


def test_nothing_of_it_can_be_read_in_the_column(installation: Installation) -> None:
    assert not any(word in raw() for word in (TOKEN, "xoxb", "bot_token", "{"))
    before = raw()
    installation.save()
    assert raw() != before, "the same content is another token each time"


def test_an_old_key_still_reads_and_the_new_one_writes(installation: Installation, settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the new key"
    installation.refresh_from_db()
    assert installation.credentials["bot_token"] == TOKEN
    installation.save()
    settings.SECRET_KEY_FALLBACKS = []
    installation.refresh_from_db()
    assert installation.credentials["bot_token"] == TOKEN


def test_a_lost_key_is_named(installation: Installation, settings: Settings) -> None:
    settings.SECRET_KEY = "another key"
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FALLBACKS") as caught:
        installation.refresh_from_db()
    assert TOKEN not in str(caught.value)


def test_a_dump_of_the_data_holds_no_credentials_and_loads_again(installation: Installation) -> None:
    dump = serializers.serialize("json", [installation])
    assert TOKEN not in dump
    installation.delete()
    for loaded in serializers.deserialize("json", dump):
        loaded.save()
    assert Installation.objects.get().credentials["bot_token"] == TOKEN


def test_it_cannot_be_searched_by_mistake(installation: Installation) -> None:
    with pytest.raises(FieldError, match="Unsupported lookup"):
        Installation.objects.filter(credentials={"bot_token": TOKEN}).exists()
    assert not Installation.objects.filter(credentials__isnull=True).exists()


def test_a_form_gives_it_as_json(installation: Installation) -> None:
    field = Installation._meta.get_field("credentials")
    assert field.to_python(json.dumps({"bot_token": "x"})) == {"bot_token": "x"}
    assert field.to_python("") == {}
