"""Whether a comment in a tool says what we told it. Pure."""

from __future__ import annotations

import re
from html import unescape

from django.utils.html import strip_tags

from integrations.tools.protocol import NewComment, TheirComment


def is_word_for_word(told: NewComment, comment: TheirComment) -> bool:
    """Whether all that we told stands in the comment. Tools break lines, draw marks and put headings as they like."""
    theirs = _words(comment.text)
    return any(_words(text) in theirs for text in (told.text, unescape(strip_tags(told.html))) if text)


def _words(text: str) -> str:
    return "".join(re.findall(r"\w+", text.casefold()))
