"""How people, companies, times and written text are drawn, wherever they appear."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from functools import cache
from zlib import crc32

from django.templatetags.static import static
from django.utils import dateformat
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

HUES = 12
"""How many `.hue-n` classes the style sheet has."""

_CODE = re.compile(r"```\n?(?P<block>.+?)\n?```|`(?P<code>[^`\n]+)`", re.DOTALL)
_ADDRESS = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,:;!?'’*_~"


def icon(name: str) -> SafeString:
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', _sprite(), name)


def avatar(name: str, *, large: bool = False, picture: str = "") -> SafeString:
    """A person's initials on a colour of their own, under their picture where they have one. Decoration: the name
    stands beside it or in a label."""
    if not name:
        return mark_safe('<span class="avatar nobody" aria-hidden="true"></span>')
    shown = initials(name)
    if picture.startswith("https://"):
        shown = format_html('{}<img src="{}" alt="" loading="lazy" referrerpolicy="no-referrer">', shown, picture)
    return _tile("avatar", name, shown, large)


def logo(name: str, *, large: bool = False) -> SafeString:
    """A company's first letter on a colour of its own."""
    return _tile("logo", name, initials(name)[:1], large)


def moment(at: datetime, style: str = "ago", zone: tzinfo = UTC) -> SafeString:
    """A time that says it all as it stands, in `zone`; a script retells it in the browser's.

    `style`: `ago` ("5 min"), `waiting` ("waiting 5 min"), `due` ("due in 5 min", "overdue 5 min"), `clock` ("14:05",
    of another day with its date), `time` ("14:05"), `day` or `full`.
    """
    at = at.astimezone(zone)
    told = f"{at:%H:%M}" if style == "time" else dateformat.format(at, "j M Y, H:i T")
    if style == "due":
        told = _("due %(when)s") % {"when": told}
    return format_html('<time datetime="{}" data-style="{}">{}</time>', at.isoformat(timespec="seconds"), style, told)


def written(text: str) -> SafeString:
    """What somebody wrote: escaped, web addresses as links, `code` and ```blocks``` set apart.

    Line breaks are kept by the style sheet. Only http and https become links, so nothing else can be run.
    """
    parts: list[str] = []
    at = 0
    for match in _CODE.finditer(text):
        before, at = text[at : match.start()], match.end()
        if match["block"] is None:
            parts += [_linked(before), format_html("<code>{}</code>", match["code"])]
            continue
        # A block stands on lines of its own: the breaks around it would be empty lines.
        parts += [_linked(before.removesuffix("\n")), format_html("<pre><code>{}</code></pre>", match["block"])]
        at += text.startswith("\n", at)
    parts.append(_linked(text[at:]))
    return mark_safe("".join(parts))  # noqa: S308 — each part is escaped


def initials(name: str) -> str:
    words = [word for word in re.split(r"[\s._@-]+", name) if word]
    if not words:
        return "?"
    return words[0][0] + (words[-1][0] if len(words) > 1 else "")


def _tile(kind: str, name: str, letters: str, large: bool) -> SafeString:
    return format_html(
        '<span class="{} hue-{}{}" aria-hidden="true">{}</span>',
        kind, crc32(name.encode()) % HUES, " large" if large else "", letters,
    )  # fmt: skip


def _linked(text: str) -> str:
    parts: list[str] = []
    at = 0
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_AFTER_ADDRESS)
        if address.endswith(")") and "(" not in address:
            address = address.rstrip(")" + _AFTER_ADDRESS)
        parts.append(escape(text[at : match.start()]))
        parts.append(
            format_html('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>', address, address)
        )
        at = match.start() + len(address)
    parts.append(escape(text[at:]))
    return "".join(parts)


@cache
def _sprite() -> str:
    return static("img/icons.svg")
