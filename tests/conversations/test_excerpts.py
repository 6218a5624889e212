"""Text as it is kept, and as it is cut for cards and titles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.excerpts import clean, excerpt_of, is_telling, one_line, title_of


def test_clean_takes_out_only_what_the_database_cannot_hold() -> None:
    assert clean("a\x00b\ud800c\u202e\t👩\u200d🔧") == "ab\ufffdc\u202e\t👩\u200d🔧"
    assert clean([{"na\x00me": "a\x00.csv", "size": 3, "more": [None, True]}]) == [
        {"name": "a.csv", "size": 3, "more": [None, True]}
    ]


def test_clean_joins_an_emoji_that_came_in_halves() -> None:
    assert clean("\ud83d\ude00") == "😀"


@given(st.text(), st.integers(min_value=20, max_value=300))
def test_one_line_is_one_line_and_never_longer(text: str, length: int) -> None:
    line = one_line(text, length)
    assert len(line) <= length
    assert not set(line) & set("\n\r\t\x00\x1b\u2028\u202e\u2066")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  two\n\n words\t\x07 ", "two words"),
        ("The export of the last\u202e three days", "The export of the last three…"),
        ("see " + "x" * 100, "see " + "x" * 25 + "…"),
        ("\n" * 3_000 + "late", "late"),
        ("שלום\u200f, עולם", "שלום\u200f, עולם"),
        ("", ""),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text, 30) == line


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hi team, the CSV export is empty. It worked yesterday.", "The CSV export is empty."),
        ("Hello!\nWe can't sign in.", "We can't sign in."),
        ("Help! The import fails for all shops. Since Monday.", "Help! The import fails for all shops."),
        ("Version 2.5 of the client crashes", "Version 2.5 of the client crashes"),
        ("```\nTraceback: boom\n```", "Traceback: boom"),
        ("The *nightly _export_* of `order_items` is ~slow~ empty", "The nightly export of order_items is slow empty"),
        ("2*3*4 and a_b_c, * not marked *", "2*3*4 and a_b_c, * not marked *"),
        ("Hi!", "Hi!"),
        ("History is gone", "History is gone"),
        ("Hi! Good morning everyone 👋 hope you are all well. the webhook is late", "The webhook is late"),
        ("Hi Omar and @Dana, quick question: can we export as PDF?", "Can we export as PDF?"),
        ("hey, iOS app crashes", "iOS app crashes"),
        ("Hola equipo,\nla exportación falla", "La exportación falla"),
        ("Hi Export is broken", "Hi Export is broken"),
        ("Morning reports are empty", "Morning reports are empty"),
        ("🔥🔥🔥", "🔥🔥🔥"),
        ("", ""),
        ("  \n ", ""),
    ],
)
def test_a_title_is_the_first_telling_sentence(text: str, title: str) -> None:
    assert title_of(text) == title


def test_an_excerpt_is_one_line_without_marks() -> None:
    assert excerpt_of("*Order failed*\n```\nselect 1\n```\n`E42` " + "x" * 400)[:28] == "Order failed select 1 E42 xx"


def test_a_megabyte_is_cut_like_anything_else() -> None:
    for text in (
        "word " * 200_000,
        "x" * 1_000_000,
        "hi," * 300_000,
        "a.b" * 300_000,
        "*a" * 500_000,
        "`" * 1_000_000,
        " " * 1_000_000,
    ):
        assert len(title_of(text)) <= 120
        assert len(one_line(text, 300)) <= 300
        assert len(excerpt_of(text)) <= 300


@pytest.mark.parametrize(
    "text",
    [
        "Morning!", "hi team 👋", "Hey @Dana Reyes!", "Good morning everyone 🙂", "Hi", "Hi there, quick question",
        "How are you?", "Guten Morgen zusammen!", "おはようございます！", "Is anyone there?", "Thanks!",
        "ok great", "👋", "",
    ],
)  # fmt: skip
def test_greetings_and_thanks_tell_nothing(text: str) -> None:
    assert not is_telling(text)


@pytest.mark.parametrize("text", ["Any update on this?", "Hi team, it is down", "History is gone", "Morning standup"])
def test_a_matter_is_telling(text: str) -> None:
    assert is_telling(text)
