"""Settings from the environment: what counts, and that a bad one stops the start and is named."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from pylon import env


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THING", raising=False)
    monkeypatch.delenv("THING_FILE", raising=False)


def refusal(read: Callable[[], Any]) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        read()
    return str(caught.value)


# Text and files ───────────────────────────────────────────────────────────────────────────────────────


def test_a_value_goes_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.text("THING", "default") == "default"
    monkeypatch.setenv("THING", " value ")
    assert env.text("THING", "default") == "value"
    monkeypatch.setenv("THING", "")
    assert env.text("THING", "default") == "default"


def test_a_file_may_hold_the_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))
    assert env.text("THING") == "from the file"


def test_both_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "hunter2")
    monkeypatch.setenv("THING_FILE", "/nowhere")
    said = refusal(lambda: env.text("THING"))
    assert "THING and THING_FILE" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["missing", "not text"])
def test_a_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("THING_FILE", str(path))
    said = refusal(lambda: env.text("THING"))
    assert said.startswith("THING_FILE")
    assert str(path) in said


# Numbers, switches, lists ─────────────────────────────────────────────────────────────────────────────


def test_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.integer("THING", 8000) == 8000
    monkeypatch.setenv("THING", "12")
    assert env.integer("THING", 8000, least=12, most=12) == 12


@pytest.mark.parametrize("bad", ["twelve", "1.5", "0", "-3", "65536", "9" * 5000])
def test_a_bad_number_is_named(monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setenv("THING", bad)
    assert refusal(lambda: env.integer("THING", 8000, least=1, most=65535)).startswith("THING must be")


def test_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.boolean("THING", default=True) is True
    for value, meant in {"1": True, "Yes": True, "on": True, "0": False, "FALSE": False}.items():
        monkeypatch.setenv("THING", value)
        assert env.boolean("THING") is meant
    monkeypatch.setenv("THING", "maybe")
    assert refusal(lambda: env.boolean("THING")).startswith("THING must be")


def test_a_choice_is_one_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert env.choice("LOG_LEVEL", "INFO", among=("DEBUG", "INFO")) == "DEBUG"
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(ImproperlyConfigured, match="LOG_LEVEL must be one of DEBUG, INFO, not 'LOUD'"):
        env.choice("LOG_LEVEL", "INFO", among=("DEBUG", "INFO"))


def test_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.listing("THING") == []
    monkeypatch.setenv("THING", "a, b,,c ,")
    assert env.listing("THING") == ["a", "b", "c"]


# Addresses ────────────────────────────────────────────────────────────────────────────────────────────

DATABASE, WEB = ("postgresql", "postgres"), ("https", "http")


@pytest.mark.parametrize(
    ("value", "schemes"),
    [
        ("postgresql://pylon:hunter2@db:5432/pylon", DATABASE),
        ("postgresql:///pylon?host=/run/postgresql", DATABASE),
        ("unix:///run/redis.sock", ("redis", "unix")),
        ("https://pylon.example", WEB),
        ("http://[::1]:8000/api/", WEB),
    ],
)
def test_good_addresses(monkeypatch: pytest.MonkeyPatch, value: str, schemes: tuple[str, ...]) -> None:
    monkeypatch.setenv("THING", value)
    assert env.url("THING", "", schemes=schemes) == value


@pytest.mark.parametrize(
    ("value", "schemes"),
    [
        ("mysql://pylon:hunter2@db/pylon", DATABASE),
        ("hunter2", DATABASE),
        ("pylon.example", WEB),
        ("https://", WEB),
        ("https:///path", WEB),
        ("http://[::1", WEB),
        ("http://host:port/", WEB),
        ("http://host:99999/", WEB),
    ],
)
def test_a_bad_address_is_named_but_not_told(
    monkeypatch: pytest.MonkeyPatch, value: str, schemes: tuple[str, ...]
) -> None:
    monkeypatch.setenv("THING", value)
    said = refusal(lambda: env.url("THING", "", schemes=schemes))
    assert said.startswith("THING ")
    assert "hunter2" not in said


def test_an_address_may_have_to_end_in_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "https://slack.example/api")
    said = refusal(lambda: env.url("THING", "", schemes=WEB, ends_in="/api/"))
    assert said == "THING must end in /api/."


# The secret that is made when none is given ───────────────────────────────────────────────────────────


def test_a_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secret_key"
    secret = env.kept_secret(file)
    assert len(secret) >= 50
    assert env.kept_secret(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret_key"]


def test_who_comes_second_takes_the_secret_of_who_came_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret_key"

    def make(_: int) -> str:
        file.write_text("theirs")  # another process, in this very moment
        return "ours"

    monkeypatch.setattr("secrets.token_urlsafe", make)
    assert env.kept_secret(file) == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_place_where_it_cannot_be_kept_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refusal(lambda: env.kept_secret(tmp_path / "file" / "secret_key"))
    assert said.startswith("SECRET_KEY")
    assert "secret_key" in said
