"""Slack's mrkdwn as HTML that is safe to show, whatever somebody writes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.slack.content import write
from tests.integrations.slack.envelopes import Json

NAMES = {"U1": "Mia <Tanaka>", "C1": "general", "S1": "support"}
TAGS = {"a", "blockquote", "code", "em", "li", "ol", "pre", "s", "span", "strong", "time", "ul"}
LINK = 'target="_blank" rel="noopener noreferrer nofollow"'


def html(text: str, blocks: list[Json] | None = None) -> str:
    return write(text, blocks or [], NAMES)[1]


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("*b* _i_ ~s~ `c`", "<strong>b</strong> <em>i</em> <s>s</s> <code>c</code>"),
        ("_it *both* is_", "<em>it <strong>both</strong> is</em>"),
        ("*a _b* c_", "<strong>a _b</strong> c_"),
        ("(*b*), *c*!", "(<strong>b</strong>), <strong>c</strong>!"),
        ("snake_case_name 2*3*4 * x * **", ""),
        ("*over\ntwo*", ""),
        ("`*no* :x: <@U1>`", "<code>*no* :x: @Mia &lt;Tanaka&gt;</code>"),
        ("Hi <@U1>", 'Hi <span class="mention">@Mia &lt;Tanaka&gt;</span>'),
        ("<#C1> <#C2|sales>", '<span class="mention">#general</span> <span class="mention">#sales</span>'),
        ("<!here> <!subteam^S1>", '<span class="mention">@here</span> <span class="mention">@support</span>'),
        ("<!date^1700000000^{date}|14 Nov>", '<time datetime="2023-11-14T22:13:20+00:00">14 Nov</time>'),
        ("<!date^99999999999999^{date}|then>", ""),
        ("<https://a.example/?b=1&amp;c=2>", f'<a href="https://a.example/?b=1&amp;c=2" {LINK}>'),
        ("<https://a.example|our *guide*>", f'<a href="https://a.example" {LINK}>our *guide*</a>'),
        ("<mailto:a@b.example|a@b.example>", f'<a href="mailto:a@b.example" {LINK}>a@b.example</a>'),
        ("*<https://a.example|x>*", f'<strong><a href="https://a.example" {LINK}>x</a></strong>'),
        ("a\n&gt; q\n&gt;r\nb", "a<blockquote>q\nr</blockquote>b"),
        ("&gt;&gt;&gt; q\n\nr", "<blockquote>q\n\nr</blockquote>"),
        ("a\n```\nx &lt; y\n  z\n```\nb", "a<pre><code>x &lt; y\n  z</code></pre>b"),
        ("```a``` and ```b", "<pre><code>a</code></pre> and ```b"),
        ("done :tada: :acme:", ""),
        ("&lt;b&gt; &amp;amp; &lt;@U1&gt;", ""),
    ],
)
def test_html(written: str, drawn: str) -> None:
    assert html(written).startswith(drawn) if drawn else html(written) == ""


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<javascript:alert(1)|click>", "click (javascript:alert(1))"),
        ("<JaVaScRiPt:alert(1)>", "JaVaScRiPt:alert(1)"),
        ("<data:text/html,x|*x*>", "*x* (data:text/html,x)"),
        ("<file:///etc/passwd>", "file:///etc/passwd"),
        ("<//evil.example|x>", "x (//evil.example)"),
        ("<tel:+49301234|+49301234>", "+49301234"),
        ('<img src=x onerror="alert(1)">', 'img src=x onerror="alert(1)"'),
    ],
)
def test_what_is_no_web_address_stays_text(written: str, text: str) -> None:
    plain, drawn = write(written, [], {})
    assert plain == text
    assert "<" not in drawn


class _Tags(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_harmless(drawn: str) -> None:
    for tag, attributes in _Tags(drawn).found:
        assert tag in TAGS
        allowed = {"a": {"href", "target", "rel"}, "ol": {"start"}, "time": {"datetime"}, "span": {"class"}}
        assert attributes.keys() <= allowed.get(tag, set())
        if tag == "a" and "href" in attributes:
            assert re.match(r"(https?://|mailto:)", attributes["href"] or "", re.IGNORECASE)
            assert attributes["rel"] == "noopener noreferrer nofollow"


PIECES = [
    "*", "_", "~", "`", "```", "&gt;", "&gt;&gt;&gt; ", "\n", " ", "<", ">", "|", "@", "!", "#", ":", "&lt;", "&amp;",
    "&", '"', "'", "<@U1>", "<#C1|", "<!date^1^{date}^javascript:x|", "<javascript:", "<https://a.example/", "alert",
    "<script>", "onload=", "word", "été", "12", "\ud800", "\x00", "\u202e", "👋", ":wave:", "</code>", "<!--", "]]>",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=30).map("".join)


@given(texts)
def test_no_text_gets_a_tag_in_or_loses_a_word(text: str) -> None:
    plain, drawn = write(text, [], NAMES)
    assert_harmless(drawn)
    shown = _Tags(drawn).text + " ".join(str(a.get("href")) for _, a in _Tags(drawn).found) if drawn else plain
    for word in re.findall(r"[a-zé0-9]{3,}", plain):
        assert word in shown


@pytest.mark.parametrize(
    "piece", ["<", "<a", "<@U", "`", "```", "*a ", "_", "*", "~a* ", ":a", ":", "\n&gt;", "&", "<a|"]
)
def test_hostile_text_takes_no_longer(piece: str) -> None:
    """It would not end, did a pattern search the whole text for each of its characters."""
    write(piece * (300_000 // len(piece)), [], {})
