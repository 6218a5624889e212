from __future__ import annotations

import pytest

from conversations.search.marking import LENGTH, marked
from conversations.search.words import parse


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("The exports fail", "export", "The <mark>exports</mark> fail"),
        ("Our companies", "company ", "Our <mark>companies</mark>"),
        ("Das Café öffnet", "cafe ", "Das <mark>Café</mark> öffnet"),
        ("<b>export</b> & co", "export ", "&lt;b&gt;<mark>export</mark>&lt;/b&gt; &amp; co"),
        ("<mark>", "mark ", "&lt;<mark>mark</mark>&gt;"),
        ("no csv here", "here -csv ", "no csv <mark>here</mark>"),
        ("times out, timed", '"times out"', "<mark>times</mark> <mark>out</mark>, timed"),
        ("hank@a", "hank@a ", "<mark>hank</mark>@<mark>a</mark>"),
    ],
    ids=range(8),
)  # fmt: skip
def test_words_are_marked_in_escaped_text(text: str, typed: str, shown: str) -> None:
    assert marked(text, parse(typed)) == shown


def test_a_long_text_is_cut_around_the_first_word() -> None:
    shown = marked("before " * 200 + "needle " + "after " * 200, parse("needle "))
    assert shown.startswith("…before")
    assert "<mark>needle</mark>" in shown
    assert shown.endswith("…")
    assert len(shown) < LENGTH + 40
