"""Sentences that are stored in English, told in the language of whoever reads them.

What a rule decided is stored with its reason as a sentence: the API and Slack give it as it stands. For a page the
sentence is found again among those that are written here, and said in the page's language with the same names and
numbers in it. One that nobody knows, as a language model's, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from django.utils.translation import get_language, gettext, ngettext

_PLACE: Final = re.compile(r"%\((?P<name>\w+)\)(?P<kind>[sd])")
_SPAN: Final = re.compile(r"(?P<count>\d+) (?P<unit>day|hour|minute|second)s?")
_NUMBER: Final = r"\d+"
_A_SPAN: Final = r"\d+ (?:day|hour|minute|second)s?"
_HELD: Final = {"time": _A_SPAN, "limit": _A_SPAN, "said": ".*?"}


class StoredSentences:
    """`sentences`: msgids. Of their places `%(time)s` and `%(limit)s` hold a span ("3 hours"), `%(what)s` other
    sentences with semicolons between them, `%(said)s` anything or nothing, `%(n)d` a number, all others what stands
    there.

    `joined`: sentences are made of several of them, with commas between them and a capital letter before the first.
    """

    def __init__(self, sentences: Iterable[str], *, joined: Iterable[str] = ()) -> None:
        # Those that begin with a place fit too much to come first.
        ordered = sorted(sentences, key=lambda sentence: sentence.startswith("%("))
        self._sentences = [(sentence, _pattern(sentence)) for sentence in ordered]
        self._joined = [(sentence, _pattern(sentence)) for sentence in joined]

    def told(self, text: str) -> str:
        """In the language of the page."""
        return text if (get_language() or "en").split("-")[0] == "en" else self._found(text) or text

    def knows(self, text: str) -> bool:
        return self._found(text) is not None

    def _found(self, text: str) -> str | None:
        found = self._one(text, self._sentences)
        if found is not None or not self._joined:
            return found
        parts = [self._one(part, self._joined) for part in (text[:1].lower() + text[1:]).split(", ")]
        if any(part is None for part in parts):
            return None
        whole = ", ".join(part for part in parts if part is not None)
        return whole[:1].upper() + whole[1:]

    def _one(self, text: str, sentences: Iterable[tuple[str, re.Pattern[str]]]) -> str | None:
        for sentence, pattern in sentences:
            if match := pattern.fullmatch(text):
                numbers = {place["name"] for place in _PLACE.finditer(sentence) if place["kind"] == "d"}
                return gettext(sentence) % {
                    name: int(said) if name in numbers else self._part(name, said)
                    for name, said in match.groupdict().items()
                }
        return None

    def _part(self, name: str, said: str) -> str:
        if name in {"time", "limit"}:
            return _span(said)
        if name == "what":
            return "; ".join(self._found(part) or part for part in said.split("; "))
        return said


def _pattern(sentence: str) -> re.Pattern[str]:
    pattern, at = "", 0
    for place in _PLACE.finditer(sentence):
        name = place["name"]
        held = _NUMBER if place["kind"] == "d" else _HELD.get(name, ".+?")
        pattern += f"{re.escape(sentence[at : place.start()])}(?P<{name}>{held})"
        at = place.end()
    return re.compile(pattern + re.escape(sentence[at:]), re.DOTALL)


def _span(said: str) -> str:
    match = _SPAN.fullmatch(said)
    if match is None:
        return said
    count = int(match["count"])
    return _UNITS[match["unit"]](count) % {"count": count}


_UNITS: Final[dict[str, Callable[[int], str]]] = {
    "day": lambda count: ngettext("%(count)d day", "%(count)d days", count),
    "hour": lambda count: ngettext("%(count)d hour", "%(count)d hours", count),
    "minute": lambda count: ngettext("%(count)d minute", "%(count)d minutes", count),
    "second": lambda count: ngettext("%(count)d second", "%(count)d seconds", count),
}
