from __future__ import annotations

from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from pylon.languages import compile_catalogue

ACCEPTS_GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.9,en;q=0.5"}


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
    assert '<html lang="de">' in client.get("/sign-in/", **ACCEPTS_GERMAN).content.decode()
    client.force_login(dana)
    assert client.get("/board/", **ACCEPTS_GERMAN).headers["Content-Language"] == "de"
    User.objects.filter(pk=dana.pk).update(language="en")
    answer = client.get("/board/", **ACCEPTS_GERMAN)
    assert '<html lang="en">' in answer.content.decode()
    assert answer.headers["Content-Language"] == "en"


@pytest.mark.parametrize("unknown", ["fr", "xx-nonsense"])
def test_a_language_that_there_is_not_is_english(client: Client, dana: User, unknown: str) -> None:
    User.objects.filter(pk=dana.pk).update(language=unknown)
    client.force_login(dana)
    assert client.get("/board/", HTTP_ACCEPT_LANGUAGE=unknown).headers["Content-Language"] == "en"
