"""Rich text blocks as HTML and as text, however Slack, or somebody who pretends to be it, fills them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.slack import blocks
from integrations.slack.content import write
from tests.integrations.slack.envelopes import Json
from tests.integrations.slack.test_markup import assert_harmless


def text(words: str, **style: bool) -> Json:
    return {"type": "text", "text": words, "style": style}


def section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def listing(*items: str, style: str = "bullet", **more: Any) -> Json:
    elements = [section(text(item)) for item in items]
    return {"type": "rich_text_list", "style": style, "elements": elements, **more}


def html(*parts: Json) -> str:
    return write("", [{"type": "rich_text", "elements": list(parts)}], {"U1": "Mia", "C1": "general", "S1": "ops"})[1]


def mrkdwn(*parts: Json) -> str:
    return blocks.mrkdwn([{"type": "rich_text", "elements": list(parts)}])


def test_styles() -> None:
    assert html(
        section(text("a"), text("b", bold=True, italic=True), text("c", strike=True), text("d", code=True))
    ) == ("a<strong><em>b</em></strong><s>c</s><code>d</code>")
    assert html(section(text("a"), text(" ", bold=True))) == "a "


def test_who_and_what_is_named() -> None:
    named = section(
        {"type": "user", "user_id": "U1"}, {"type": "channel", "channel_id": "C1"},
        {"type": "usergroup", "usergroup_id": "S1"}, {"type": "broadcast", "range": "here"},
        {"type": "user", "user_id": "U9"},
    )  # fmt: skip
    assert html(named) == "".join(
        f'<span class="mention">{n}</span>' for n in ("@Mia", "#general", "@ops", "@here", "@U9")
    )
    assert mrkdwn(named) == "<@U1><#C1><!subteam^S1><!here><@U9>"


def test_links_dates_colours_and_emoji() -> None:
    found = section(
        {"type": "link", "url": "https://a.example", "text": "guide", "style": {"bold": True}},
        {"type": "link", "url": "javascript:alert(1)", "text": "x"},
        {"type": "date", "timestamp": 1700000000, "format": "{date}", "fallback": "14 Nov"},
        {"type": "color", "value": "#F405B3"},
        {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fc", "skin_tone": 3},
        {"type": "emoji", "name": "party::skin-tone-2"},
        {"type": "hologram", "fallback": "what comes <next>"},
    )
    link = '<a href="https://a.example" target="_blank" rel="noopener noreferrer nofollow">guide</a>'
    assert html(found) == (
        f'<strong>{link}</strong>x (javascript:alert(1))<time datetime="2023-11-14T22:13:20+00:00">14 Nov</time>'
        "#F405B3👋🏼:party:what comes &lt;next&gt;"
    )
    assert mrkdwn(found) == (
        "<https://a.example|guide><javascript:alert(1)|x>14 Nov#F405B3:wave::skin-tone-3::party::skin-tone-2:"
        "what comes &lt;next&gt;"
    )


def test_lists_nest_by_their_depth() -> None:
    parts = (
        section(text("Steps:\n")),
        listing("one", "two", style="ordered", indent=0),
        listing("a", indent=1),
        listing("deep", indent=2),
        listing("three", style="ordered", indent=0, offset=2),
        listing("other"),
        section(text("after")),
    )
    assert html(*parts) == (
        "Steps:<ol><li>one</li><li>two<ul><li>a<ul><li>deep</li></ul></li></ul></li><li>three</li></ol>"
        "<ul><li>other</li></ul>after"
    )
    assert mrkdwn(*parts) == "Steps:\n1. one\n2. two\n    • a\n        • deep\n3. three\n• other\nafter"


def test_a_list_goes_on_counting_after_what_parted_it() -> None:
    parted = html(listing("one", style="ordered"), section(text("so")), listing("two", style="ordered", offset=1))
    assert parted == '<ol><li>one</li></ol>so<ol start="2"><li>two</li></ol>'


def test_code_and_quotes() -> None:
    parts = (
        {"type": "rich_text_quote", "elements": [text("said\n*so*")]},
        {"type": "rich_text_preformatted", "elements": [text("if a < b:\n    c()")]},
        section(text("after")),
    )
    assert html(*parts) == "<blockquote>said\n*so*</blockquote><pre><code>if a &lt; b:\n    c()</code></pre>after"
    assert mrkdwn(*parts) == "&gt; said\n&gt; *so*\n```if a &lt; b:\n    c()```\nafter"


@pytest.mark.parametrize(
    ("block", "text_"),
    [
        ({"type": "section", "text": {"type": "mrkdwn", "text": "*Name*: <@U1>"}}, "*Name*: <@U1>"),
        ({"type": "section", "fields": [{"type": "plain_text", "text": "a < b"}, {"text": "c"}]}, "a &lt; b\nc"),
        ({"type": "header", "text": {"type": "plain_text", "text": "Order failed"}}, "*Order failed*"),
        ({"type": "context", "elements": [{"type": "image"}, {"type": "mrkdwn", "text": "by _us_"}]}, "by _us_"),
        ({"type": "image", "image_url": "https://a.example", "alt_text": "A chart"}, "<https://a.example|A chart>"),
        ({"type": "video", "title": {"text": "How"}, "title_url": "https://a.example"}, "<https://a.example|How>"),
        ({"type": "markdown", "text": "# Title & more"}, "# Title &amp; more"),
        ({"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]]}, "a | b"),
        ({"type": "input", "label": {"type": "plain_text", "text": "Why?"}}, "Why?"),
        ({"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]}, ""),
        ({"type": "divider"}, ""),
        ({"type": "section", "text": "?", "fields": {"a": 1}}, ""),
    ],
)  # fmt: skip
def test_the_blocks_of_apps(block: Json, text_: str) -> None:
    assert blocks.mrkdwn([block, None, "?"]) == text_


kinds = st.sampled_from([
    "rich_text", "rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted", "text", "link",
    "user", "emoji", "date", "color", "broadcast", "section", "header", "context", "table", "image", "markdown", "?",
])  # fmt: skip
values = st.sampled_from(
    [
        "<script>",
        "javascript:alert(1)",
        "https://a.example",
        "U1",
        '" onload="x',
        "ordered",
        "1f44b",
        "3c",
        "\ud800",
        "*x*",
    ]
)
FIELDS = [
    "elements", "text", "url", "style", "indent", "offset", "name", "unicode", "timestamp", "fallback", "value",
    "fields", "rows", "title", "image_url", "alt_text", "user_id", "range", "skin_tone",
]  # fmt: skip
junk: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | values,
    lambda inner: st.lists(inner, max_size=4)
    | st.fixed_dictionaries(
        {"type": kinds},
        optional=dict.fromkeys(FIELDS, inner),
    ),
    max_leaves=25,
)  # fmt: skip


@given(st.lists(junk, max_size=4))
def test_no_block_gets_a_tag_in(found: list[Any]) -> None:
    assert_harmless(write(blocks.mrkdwn(found), found, {})[1])
    blocks.named(found)
