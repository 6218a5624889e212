from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from conversations.drawing import initials, moment, written


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("line\nline", "line\nline"),
        ("see `x<y` now", "see <code>x&lt;y</code> now"),
        ("before\n```\nif a:\n  b\n```\nafter", "before<pre><code>if a:\n  b</code></pre>after"),
        ("ftp://x.example javascript:alert(1)", "ftp://x.example javascript:alert(1)"),
    ],
)
def test_written_text(text: str, drawn: str) -> None:
    assert written(text) == drawn


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("See https://acme.example/a?b=1&c=2.", "https://acme.example/a?b=1&c=2"),
        ("(https://acme.example/a)", "https://acme.example/a"),
        ("https://acme.example/a_(b)", "https://acme.example/a_(b)"),
        ('HTTP://acme.example/"onclick="x', "HTTP://acme.example/"),
    ],
)
def test_web_addresses_become_links(text: str, address: str) -> None:
    escaped = address.replace("&", "&amp;")
    assert f'<a href="{escaped}" rel="noopener noreferrer nofollow" target="_blank">{escaped}</a>' in written(text)


def test_a_link_inside_code_stays_code() -> None:
    assert "<a " not in written("`https://acme.example`")


@pytest.mark.parametrize(
    ("name", "letters"), [("Dana Reyes", "DR"), ("Ana Lucía Fernández", "AF"), ("dana@acme.example", "de"), ("", "?")]
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_moment_can_be_read_without_a_script() -> None:
    at = datetime(2026, 3, 2, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert moment(at) == ('<time datetime="2026-03-03T04:30:00+00:00" data-style="ago">3 Mar 2026, 04:30 UTC</time>')
