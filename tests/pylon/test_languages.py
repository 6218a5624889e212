from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import Channel, User
from conversations import board
from pylon.languages import SOURCE, compile_catalogue
from tests import cast

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import messages

ACCEPTS_GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def test_a_catalogue_is_compiled_with_its_plurals(tmp_path: Path) -> None:
    source, target = tmp_path / "de" / "LC_MESSAGES" / "django.po", tmp_path / "out" / "django.mo"
    source.parent.mkdir(parents=True)
    source.write_text('msgid "%d reply"\nmsgid_plural "%d replies"\nmsgstr[0] "%d Antwort"\nmsgstr[1] "%d Antworten"\n')
    compile_catalogue(source, target)
    with target.open("rb") as compiled:
        said = GNUTranslations(compiled)
    assert [said.ngettext("%d reply", "%d replies", n) for n in (1, 2)] == ["%d Antwort", "%d Antworten"]
    assert [file.name for file in target.parent.iterdir()] == ["django.mo"]


def test_a_page_is_in_the_browsers_language_unless_its_reader_chose_another(client: Client, dana: User) -> None:
    assert '<html lang="de">' in client.get("/sign-in/", headers=ACCEPTS_GERMAN).content.decode()
    client.force_login(dana)
    assert client.get("/board/", headers=ACCEPTS_GERMAN).headers["Content-Language"] == "de"
    User.objects.filter(pk=dana.pk).update(language="en")
    answer = client.get("/board/", headers=ACCEPTS_GERMAN)
    assert '<html lang="en">' in answer.content.decode()
    assert answer.headers["Content-Language"] == "en"


@pytest.mark.parametrize("unknown", ["fr", "xx-nonsense"])
def test_a_language_that_there_is_not_is_english(client: Client, dana: User, unknown: str) -> None:
    User.objects.filter(pk=dana.pk).update(language=unknown)
    client.force_login(dana)
    assert client.get("/board/", HTTP_ACCEPT_LANGUAGE=unknown).headers["Content-Language"] == "en"


CATALOGUES = sorted(SOURCE.glob("*/LC_MESSAGES/*.po"))
FILLED_IN = re.compile(r"%\(\w+\)\w+|%%|\{\w+\}|</?\w+[^>]*>")


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: f"{file.parts[-3]}-{file.stem}")
def test_all_is_translated_with_the_same_placeholders_and_tags(file: Path) -> None:
    catalogue = messages.updated(file)
    assert messages.untranslated(catalogue) == []
    for message in (one for one in catalogue if one.id):
        *singular, text = message.id if isinstance(message.id, tuple) else (message.id,)
        *one, said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert sorted(FILLED_IN.findall(str(said))) == sorted(FILLED_IN.findall(str(text))), text
        # Where there is one, the number may go without saying.
        for original, translated in zip(singular, one, strict=True):
            assert set(FILLED_IN.findall(translated)) <= set(FILLED_IN.findall(str(text))), original


def test_a_page_is_german_down_to_its_statuses(client: Client, dana: User, channel: Channel) -> None:
    cast.make_conversation(channel=channel, title="Export")
    User.objects.filter(pk=dana.pk).update(language="de")
    client.force_login(dana)
    shown = client.get("/board/").content.decode()
    assert "In Arbeit" in shown
    assert "Sprache und Zeit" in client.get("/settings/me/").content.decode()


def test_a_card_is_drawn_in_the_language_of_its_reader() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    row = board.CardRow(
        id=1, number=1, version=1, title="Export", status="todo", message_count=1, waiting_since=at,
        last_message_at=at, last_message_text="Export", last_message_author="Erin", last_message_inbound=True,
        account_id=None, owner_id=None, account=None, owner=None, channel="ext-globex", response_due_at=None,
        priority="urgent", tags=(), linked=(),
    )  # fmt: skip
    drawn = {}
    for language in ("en", "de", "en"):
        with translation.override(language):
            drawn[language] = board.draw([row])
    assert "No owner" in drawn["en"]
    assert "Urgent" in drawn["en"]
    assert "Nicht zugewiesen" in drawn["de"]
    assert "Dringend" in drawn["de"]
