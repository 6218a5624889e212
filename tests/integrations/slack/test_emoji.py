"""Slack's names of emoji as characters."""

from __future__ import annotations

import pytest

from integrations.slack.emoji import character, from_code_points, with_characters


@pytest.mark.parametrize(
    ("name", "tone", "shown"),
    [
        ("wave", None, "👋"),
        ("wave", "3", "👋🏼"),
        ("+1", None, "👍"),
        ("thinking_face", None, "🤔"),
        ("white_check_mark", None, "✅"),
        ("flag-de", None, "🇩🇪"),
        ("us", None, "🇺🇸"),
        ("man-shrugging", None, "🤷\u200d♂️"),
        ("man-shrugging", "6", "🤷🏿\u200d♂️"),
        ("female-technologist", None, "👩\u200d💻"),
        ("large_orange_circle", None, "🟠"),
        ("point_up", "2", "☝🏻"),
        ("flag-nowhere", None, ""),
        ("acme", None, ""),
        ("", None, ""),
    ],
)
def test_characters(name: str, tone: str | None, shown: str) -> None:
    assert character(name, tone) == shown


@pytest.mark.parametrize(
    ("unified", "shown"),
    [
        ("1f44b-1f3fc", "👋🏼"),
        ("23-fe0f-20e3", "#️⃣"),
        ("3c-73-63", ""),
        ("d83d", ""),
        ("110000", ""),
        ("", ""),
        ("-", ""),
        ("1f44b-" * 40 + "1f44b", ""),
    ],
)
def test_code_points_are_an_emojis_or_nothing(unified: str, shown: str) -> None:
    assert from_code_points(unified) == shown


def test_shortcodes_in_text() -> None:
    assert with_characters("nice :tada: :acme: (:wave:)") == "nice 🎉 :acme: (👋)"
    assert with_characters("10:on:20 <https://a.example/:x:> `:x:`") == "10:on:20 <https://a.example/:x:> `:x:`"
    assert with_characters("a:x:b :x:", {":x:": "❌"}) == "a❌b ❌"
    assert with_characters("a:x:b :x:", {}) == "a:x:b :x:"
