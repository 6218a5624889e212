"""Reads a chat message as people do: words, questions, links, code and emoji, each with its place.

Understands Slack's mrkdwn (`<@U123>`, `<https://…|label>`, `:eyes:`, `&amp;`, quotes, code) and plain chat.
Every pattern is linear and long texts are cut, so that a pasted log costs no more than a paragraph.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

WORDS: Final = {
    name: frozenset(listed.split())
    for name, listed in tomllib.loads((Path(__file__).parent / "data" / "words.toml").read_text("utf-8")).items()
}
HEAD = TAIL = 1500  # of a longer text only the beginning and the end are read, in characters

_TOKEN = re.compile(
    r"(?P<code>```(?:[^`]|`(?!``))*(?:```)?|`[^`\n]*`)"
    r"|(?P<quote>(?:(?<=\n)|\A)(?:>|&gt;)[^\n]*)"
    r"|(?P<mention><[@!#][^>\n]{1,80}>)"
    r"|(?P<link><(?:https?://|mailto:|tel:)[^>|\s]*\|?|https?://[^\s>|]+)"
    r"|(?P<shortcode>:[a-z0-9_+\-]{2,40}(?::skin-tone-\d)?:)"
    r"|(?P<entity>&(?:amp|lt|gt);)"
    r"|(?P<word>[^\W_]+(?:['’][^\W_]+)*)"
    r"|(?P<question>[?？]+)"
    r"|(?P<stop>[.!。！\n;]+|\.\.\.|…)"
    r"|(?P<emoji>[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]|[:;=8][-']?[)(DPp/\\|](?!\w)|<3)"
)
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_SHORTCODES = {
    "white_check_mark": "✅", "heavy_check_mark": "✅", "ballot_box_with_check": "✅", "check": "✅",
    "done": "✅", "eyes": "👀", "+1": "👍", "thumbsup": "👍", "ok_hand": "👌", "pray": "🙏", "tada": "🎉",
    "raised_hands": "🙌", "heart": "❤", "hourglass": "⏳", "hourglass_flowing_sand": "⏳", "mag": "🔍",
    "hammer_and_wrench": "🛠", "wave": "👋", "slightly_smiling_face": "🙂", "smile": "🙂", "joy": "😂",
    "clap": "👏", "100": "💯", "rocket": "🚀", "thank_you": "🙏", "thanks": "🙏", "x": "❌", "warning": "⚠",
    "-1": "👎", "thumbsdown": "👎", "question": "❓", "sos": "🆘", "rotating_light": "🚨",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A word as compared (lower case, no accents or apostrophes; an emoji as one character) and its span."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Wording:
    """What a text consists of. `questions` are the spans of sentences that end in a question mark."""

    words: tuple[Word, ...]
    emoji: tuple[Word, ...]
    questions: tuple[tuple[int, int], ...]
    links: int
    mentions: int
    code: int
    has_cjk: bool


def read(text: str) -> Wording:
    """Read a message; of a very long one only the beginning and the end."""
    pieces = [(0, text)]
    if len(text) > HEAD + TAIL:
        pieces = [(0, text[:HEAD]), (len(text) - TAIL, text[-TAIL:])]
    words: list[Word] = []
    emoji: list[Word] = []
    questions: list[tuple[int, int]] = []
    count = {"link": 0, "mention": 0, "code": 0}
    for offset, piece in pieces:
        sentence = None
        for match in _TOKEN.finditer(piece):
            kind, start, end = match.lastgroup, match.start() + offset, match.end() + offset
            if kind == "word":
                words.append(Word(fold(match.group()), start, end))
                sentence = start if sentence is None else sentence
            elif kind == "stop":
                sentence = None
            elif kind == "question":
                questions.append((start if sentence is None else sentence, end))
                sentence = None
            elif kind in {"emoji", "shortcode"}:
                emoji.append(Word(_emoji(match.group()), start, end))
            elif kind in count:
                count[kind] += 1
    return Wording(
        words=tuple(words),
        emoji=tuple(emoji),
        questions=tuple(questions),
        links=count["link"],
        mentions=count["mention"],
        code=count["code"],
        has_cjk=any(_CJK.search(piece) for _, piece in pieces),
    )


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """`I’ll` and `ill`, `größer` and `groser` compare equal: chat is written in a hurry."""
    word = word.lower().replace("'", "").replace("’", "")
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word.replace("ß", "ss"))
    if _CJK.search(word):
        return unicodedata.normalize("NFKC", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _emoji(written: str) -> str:
    if len(written) > 2 and written.startswith(":") and written.endswith(":"):
        return _SHORTCODES.get(written[1:-1].partition("::")[0], "□")
    return "🙂" if len(written) > 1 else written
