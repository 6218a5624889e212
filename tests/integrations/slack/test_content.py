"""What a message says: in its text, its blocks or its attachments, as text and as HTML."""

from __future__ import annotations

import pytest

from integrations.slack.content import blocks_of, named, text_of, write
from tests.integrations.slack.envelopes import Json

SHARED = {"is_share": True, "text": "The import fails\nsince Monday"}


def typed(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "Hi"}, "Hi"),
        ({"text": "Hi", "attachments": [{"text": "a preview"}]}, "Hi"),
        ({"text": "Look", "attachments": [SHARED]}, "Look\n&gt; The import fails\n&gt; since Monday"),
        ({"text": "", "attachments": [SHARED]}, "The import fails\nsince Monday"),
        ({"text": " ", "attachments": [{"text": "one"}, {"fallback": "two"}, {}, "three"]}, "one\ntwo"),
        ({"text": "", "attachments": [{"title": "Alert", "text": "Disk full", "fallback": "x"}]}, "Alert\nDisk full"),
        ({"text": "", "attachments": [{"blocks": [typed({"type": "text", "text": "in blocks"})]}]}, "in blocks"),
        ({"text": "", "blocks": [typed({"type": "text", "text": "a < b"})]}, "a &lt; b"),
        ({"text": None, "attachments": "?", "blocks": {"type": "section"}}, ""),
        ({"text": {"a": 1}}, ""),
        ({}, ""),
    ],
)
def test_what_a_message_says(message: Json, text: str) -> None:
    assert text_of(message) == text


def test_what_is_passed_on_is_shown_with_the_blocks_too() -> None:
    message = {"text": "Look", "blocks": [typed({"type": "text", "text": "Look"})], "attachments": [SHARED]}
    text, html = write(text_of(message), blocks_of(message), {})
    assert text == "Look\n> The import fails\n> since Monday"
    assert html == "Look<blockquote>The import fails\nsince Monday</blockquote>"


@pytest.mark.parametrize("text", ["The export is empty", "line\nline", 'He said "no"', "a - b", ""])
def test_plain_text_needs_no_html(text: str) -> None:
    assert write(text, [], {}) == (text, "")
    assert write(text, [typed({"type": "text", "text": text})], {}) == (text, "")


def test_blocks_are_shown_where_there_are_any() -> None:
    blocks = [typed({"type": "text", "text": "bold", "style": {"bold": True}}, {"type": "emoji", "name": "tada"})]
    assert write("*bold*:tada:", blocks, {}) == ("*bold*🎉", "<strong>bold</strong>🎉")


def test_names_are_ours_or_as_slack_labels_them() -> None:
    text = "<@U1> <@U2|jonas> <#C1|general>"
    blocks = [typed(*({"type": "user", "user_id": i} for i in ("U1", "U2")), {"type": "channel", "channel_id": "C1"})]
    assert named(text, blocks) == {"U1", "U2", "C1"}
    plain, html = write(text, blocks, {"U1": "Mia Tanaka"})
    assert plain == "@Mia Tanaka @jonas #general"
    assert [name in html for name in (">@Mia Tanaka<", ">@jonas<", ">#general<")] == [True] * 3


def test_half_a_character_is_no_error() -> None:
    assert write("*\ud83d*", [], {})[1] == "<strong>\ufffd</strong>"
