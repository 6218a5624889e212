"""How our words are written in Linear’s Markdown, and which of what stands there is ours.

Linear takes the ids of new issues and comments from us, “in UUID v4 format” (schema: IssueCreateInput.id,
CommentCreateInput.id); so what is made twice is refused. An issue’s id is its key. A comment’s is made of its issue and
key; the key itself stands in its last line, in the link to our message, and counts only where the id belongs to it:
whoever quotes or copies us is not us.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from integrations.tools.protocol import NewComment

MARK = "said"
LAST_LINE = re.compile(r"\s*^\[Pylon\]\(<?https?://[^\s>]*?[?&]said=(?P<key>[\w.:-]+)[^\s>]*?>?\)\s*\Z", re.MULTILINE)
SPECIAL = re.compile(
    r"(?P<url>https?://\S+)|(?P<mark>[\\`*_\[\]<>~])|^(?P<start>\s*)(?P<block>[#+-]|\d+(?=[.)]))", re.MULTILINE
)
ESCAPED = re.compile(r"(?P<code>```.*?```|`[^`\n]+`)|\\(?P<mark>[!-/:-@\[-`{-~])", re.DOTALL)


def issue_id(key: str) -> str:
    return _v4(UUID(key))


def comment_id(issue: str, key: str) -> str:
    return _v4(uuid5(NAMESPACE_URL, f"{issue}/{key}"))


def written(comment: NewComment, *, is_opening: bool = False) -> str:
    lines = [f"**{escaped(comment.heading)}**", escaped(comment.text)]
    lines += [f"{escaped(file.name)}: {file.url}" if file.url else escaped(file.name) for file in comment.files]
    if not is_opening:
        lines.append(f"[Pylon]({_marked(comment.url, comment.key)})")
    return "\n\n".join(lines)


def read(issue: str, comment: str, body: str) -> tuple[str, str]:
    """The text, and our key; the key is empty where others wrote it."""
    body = body.replace("\r\n", "\n")
    found = LAST_LINE.search(body)
    if found and comment_id(issue, found["key"]) == comment:
        return unescaped(body[: found.start()]), found["key"]
    return unescaped(body), ""


def escaped(text: str) -> str:
    """As it stands, not as marks. Addresses stay, or they would lead nowhere."""

    def write(found: re.Match[str]) -> str:
        if found["url"]:
            return found["url"]
        if found["mark"]:
            return f"\\{found['mark']}"
        block = found["block"]
        return f"{found['start']}{block}\\" if block.isdigit() else f"{found['start']}\\{block}"

    return SPECIAL.sub(write, text)


def unescaped(text: str) -> str:
    return ESCAPED.sub(lambda found: found["code"] or found["mark"], text)


def _marked(url: str, key: str) -> str:
    parts = urlsplit(url)
    query = urlencode([*((name, value) for name, value in parse_qsl(parts.query) if name != MARK), (MARK, key)])
    return urlunsplit(parts._replace(query=query))


def _v4(uuid: UUID) -> str:
    return str(UUID(bytes=uuid.bytes, version=4))
