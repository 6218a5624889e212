"""Slack's markup as a person reads it."""

from __future__ import annotations

import pytest

from integrations.slack.text import labels, mentioned, readable

NAMES = {"U1": "Mia Tanaka", "C9": "ext-globex", "S9": "support"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Hi <@U1>!", "Hi @Mia Tanaka!"),
        ("Hi <@U1|mia>!", "Hi @Mia Tanaka!"),
        ("Hi <@U2|jonas>!", "Hi @jonas!"),
        ("Hi <@U2>!", "Hi @U2!"),
        ("see <#C1|general> and <#C2>", "see #general and #C2"),
        ("<!channel> <!here|here> <!subteam^S1|@support> <!subteam^S2>", "@channel here @support @subteam"),
        ("<!date^1700000000^{date}|14 Nov 2023>", "14 Nov 2023"),
        ("<https://acme.example>", "https://acme.example"),
        ("<https://acme.example|https://acme.example>", "https://acme.example"),
        ("<https://acme.example/a?b=1&amp;c=2|our guide>", "our guide (https://acme.example/a?b=1&c=2)"),
        ("<mailto:mia@globex.example|mia@globex.example>", "mia@globex.example"),
        ("<tel:+49301234|+49301234>", "+49301234"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt;b&amp;gt; &amp;copy; &copy; &#39;", "&lt;b&gt; &copy; &copy; &#39;"),
        ("&lt;@U1&gt;", "<@U1>"),
        ("<>", "<>"),
        ("a < b", "a < b"),
        ("```\n<not closed", "```\n<not closed"),
        ("\u202eright to left\u202c \x07 ok", "\u202eright to left\u202c \x07 ok"),
        ("thanks :wave::skin-tone-3: :+1: :acme:", "thanks 👋🏼 👍 :acme:"),
        ("at 10:on:20, in `a :x: b` and ```:x:```", "at 10:on:20, in `a :x: b` and ```:x:```"),
        ("<@U1> <#C9> <#C9|> <!subteam^S9>", "@Mia Tanaka #ext-globex #ext-globex @support"),
        ("", ""),
    ],
)
def test_readable(written: str, read: str) -> None:
    assert readable(written, NAMES) == read


def test_mentioned() -> None:
    assert mentioned("<@U1> <@W2|w> <#C3> @U4 &lt;@U5&gt; <@lower>") == {"U1", "W2"}


def test_emoji_that_slack_tells_apart_are_taken_as_it_tells() -> None:
    assert readable("thanks:pray: 10 :x: 20", {}, {":pray:": "🙏"}) == "thanks🙏 10 :x: 20"


def test_labels() -> None:
    text = "<@U1|mia> <#C1|general> <#C2> <!subteam^S1|@support> <https://a.example|a> <!here|here>"
    assert labels(text) == {"U1": "mia", "C1": "general", "S1": "support"}


@pytest.mark.parametrize("piece", ["<", "<a", "<@U", "<a|", "<!|", "<https://a|b", "<" + "a" * 2_000])
def test_hostile_text_takes_no_longer(piece: str) -> None:
    """It would not end, did a pattern search the whole text for each of its characters."""
    text = piece * (1_000_000 // len(piece))
    assert readable(text, {}) == text
