from __future__ import annotations

import json as decoder
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog
from django.conf import settings

from pylon import logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logging.config.dictConfig(settings.LOGGING)


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """The one line that was logged."""
    [line] = capsys.readouterr().err.splitlines()
    event: dict[str, object] = decoder.loads(line)
    return event


def test_an_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(logs.config(json=True, level="info"))
    structlog.get_logger("pylon.test").info("stored", event_id="Ev1", text="two\nlines")
    event = written(capsys)
    assert event | {"timestamp": ""} == {
        "event": "stored",
        "event_id": "Ev1",
        "text": "two\nlines",
        "level": "info",
        "logger": "pylon.test",
        "timestamp": "",
    }


def test_other_libraries_loggers_write_alike(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(logs.config(json=True, level="INFO"))
    logging.getLogger("celery").warning("retry %s", 3, extra={"attempt": 2})
    event = written(capsys)
    assert (event["event"], event["level"], event["logger"], event["attempt"]) == ("retry 3", "warning", "celery", 2)


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(logs.config(json=True, level="WARNING"))
    structlog.get_logger("pylon.test").info("too quiet")
    logging.getLogger("celery").info("too quiet")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("json", [True, False])
@pytest.mark.parametrize(
    "secret",
    ["xoxb-1-abcdefgh", "xapp-1-A-2-f00", "sk-proj-abcdefgh1234", "postgresql://pylon:hunter2@db/pylon", "Bearer t0p"],
)
def test_secrets_are_hidden_in_texts_and_tracebacks(
    capsys: pytest.CaptureFixture[str], secret: str, json: bool
) -> None:
    logging.config.dictConfig(logs.config(json=json, level="INFO"))
    log = structlog.get_logger("pylon.test")
    try:
        raise ValueError(f"refused: {secret}")
    except ValueError:
        log.exception(f"failed with {secret}", answer={"body": [secret]})
    shown = capsys.readouterr().err
    assert "refused: " in shown
    assert secret.rsplit(maxsplit=1)[-1] not in shown
    assert "hunter2" not in shown


def test_what_is_named_like_a_secret_is_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(logs.config(json=True, level="INFO"))
    structlog.get_logger("pylon.test").info("connected", bot_token="abc", headers={"Authorization": "def"})
    event = written(capsys)
    assert event["bot_token"] == "(hidden)"
    assert event["headers"] == {"Authorization": "(hidden)"}
