"""What is written in Intercom, and what of it is ours.

Intercom keeps no ids of others with a part, so the link to our message carries our key and stands in its last line.
Only there is it looked for: somebody who quotes us goes on writing after it.

Notes take some HTML. What contacts and admins say to each other is plain text ("The text body of the comment", "HTML is
not supported"). Both are told as HTML.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from integrations.tools.protocol import NewComment

MARK = "said"
LINK = re.compile(rf"(https?://[^\s<>\"()]*[?&]{MARK}=([\w.:-]+)[^\s<>\"()]*)\)?\s*$")
BLOCKS = {"p", "div", "h1", "h2", "h3", "ul", "ol", "li", "blockquote", "pre", "tr", "table"}


def marked(url: str, key: str) -> str:
    """Leads to the message, and tells its key."""
    parts = urlsplit(url)
    query = urlencode([*((name, value) for name, value in parse_qsl(parts.query) if name != MARK), (MARK, key)])
    return urlunsplit(parts._replace(query=query))


def plain(comment: NewComment, key: str, *, says_who: bool, subject: str = "") -> str:
    """With its author where it is written in another’s name; the subject where Intercom has no other place for it."""
    text = comment.text
    if subject and text.partition("\n")[0] != subject:
        text = f"{subject}\n\n{text}"
    said = f"{comment.heading}:\n\n{text}" if says_who else text
    return f"{said}\n\n{marked(comment.url, key)}"


def rich(comment: NewComment, key: str, *, says_who: bool) -> str:
    """The same for a note."""
    paragraphs = [escape(part).replace("\n", "<br>") for part in comment.text.split("\n\n")]
    said = comment.html or "".join(f"<p>{part}</p>" for part in paragraphs)
    heading = f"<p><b>{escape(comment.heading)}</b></p>" if says_who else ""
    link = escape(marked(comment.url, key))
    return f'{heading}{said}<p><a href="{link}">{link}</a></p>'


def read(body: str) -> tuple[str, str]:
    """The text without our link, and our key; the key is empty where others wrote it."""
    text = text_of(body)
    found = LINK.search(text)
    return (text[: found.start()].rstrip(" (\n"), found[2]) if found else (text, "")


def text_of(body: str) -> str:
    reader = _Reader()
    reader.feed(body.replace("\r\n", "\n"))
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.parts)).strip()


class _Reader(HTMLParser):
    """Intercom’s HTML as plain text: paragraphs, lines, and where links and pictures lead."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._link = ""
        self._said = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "br":
            self.parts.append("\n")
        elif tag == "img":
            self.parts.append(found.get("src") or "")
        elif tag == "a":
            self._link, self._said = found.get("href") or "", len(self.parts)
        elif tag == "li":
            self.parts.append("\n- ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            said = "".join(self.parts[self._said :])
            if self._link and self._link not in said:
                self.parts.append(f" ({self._link})")
            self._link = ""
        elif tag in BLOCKS:
            self.parts.append("\n" if tag in {"li", "tr"} else "\n\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
