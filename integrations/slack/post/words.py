"""Text for Slack's blocks: escaped, cut to what Slack takes, and never a mention that a customer wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Any

SHOWN, LINES = 1_200, 20
"""Characters and lines of a message that are shown."""
QUOTE = 2_300
"""The same with escapes: Slack allows 3,000 characters in a text, the author's name included."""


def escape(text: str) -> str:
    """Slack's three: without them `<!channel>` in a customer's text would call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fitted(text: str, most: int) -> str:
    """Escaped, and cut where it would be too long, but in no escape."""
    escaped = escape(text)
    if len(escaped) <= most:
        return escaped
    cut = escaped[: most - 1]
    last = cut.rfind("&")
    return (cut[:last] if last >= 0 and ";" not in cut[last:] else cut) + "…"


def quoted(said: str, *, most: int = SHOWN, mark: str = ">") -> str:
    """Somebody's words, cut and escaped, each line behind a mark."""
    lines = said[:most].splitlines()
    is_cut = len(said) > most or len(lines) > LINES
    shown = fitted("\n".join(lines[:LINES]) + "…" * is_cut, QUOTE)
    return "\n".join(f"{mark}{line}" for line in shown.splitlines())


def date(at: datetime) -> str:
    """In the reader's own time, as Slack draws it."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%d %b %H:%M} UTC>"


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text)}


def mrkdwn(text: str) -> dict[str, Any]:
    """Verbatim: otherwise Slack makes mentions and links of plain words, such as a customer's "@channel"."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
