"""How our words are written into Salesforce’s fields, and read again.

Neither a Case’s Description nor a CaseComment has room for an id of ours, so the key stands in their last line, with
the way back. It counts only where our own user has written it: whoever quotes us is not us.
"""

from __future__ import annotations

import re

from integrations.tools.protocol import NewComment

LONGEST_COMMENT = 4000
"""Bytes of CommentBody (Object Reference: CaseComment)."""
LONGEST_DESCRIPTION = 32_000
"""Characters of a Case’s Description."""
LONGEST_SUBJECT = 255
CUT = "… (the rest is in Pylon)"
LAST_LINE = re.compile(r"\s*^Pylon: (?P<url>\S+) \(key (?P<key>[\w-]+)\)\s*\Z", re.MULTILINE)


def comment_body(comment: NewComment) -> str:
    """Cut to what fits, its last line whole."""
    last = _last_line(comment.url, comment.key)
    room = LONGEST_COMMENT - len(last.encode())
    return _cut(f"{comment.heading}\n\n{comment.text}", room) + last


def description(comment: NewComment, *, url: str, key: str) -> str:
    last = _last_line(url, key)
    text = f"{comment.heading}\n\n{comment.text}"
    room = LONGEST_DESCRIPTION - len(last)
    return (text if len(text) <= room else text[: room - len(CUT)] + CUT) + last


def read(text: str) -> tuple[str, str]:
    """The text without our last line, and the key; both as they are where there is none."""
    text = text.replace("\r\n", "\n")
    found = LAST_LINE.search(text)
    return (text[: found.start()], found["key"]) if found else (text, "")


def way_back(text: str) -> str:
    """The address in our last line."""
    found = LAST_LINE.search(text.replace("\r\n", "\n"))
    return found["url"] if found else ""


def _last_line(url: str, key: str) -> str:
    return f"\n\nPylon: {url} (key {key})"


def _cut(text: str, room: int) -> str:
    raw = text.encode()
    if len(raw) <= room:
        return text
    return raw[: room - len(CUT.encode())].decode(errors="ignore") + CUT
