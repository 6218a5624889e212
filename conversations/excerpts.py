"""Text as it is kept, and as it is cut for cards and titles."""

from __future__ import annotations

import re
from typing import Any

from conversations.replies import is_pleasantry

# What turns the direction of the text around it, and control characters: on a card they would disturb the rest of
# the line. Marks that only help a neighbour (U+200E, U+200F) stay, as does the joiner inside an emoji.
_DISTURBING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\s]+")
_HELLO = (
    r"(?i:hi+|hiya|hello|hey+|heya|howdy|yo|greetings|(?:good )?(?:morning|afternoon|evening|day)|happy \w+day"
    r"|hallo|hej|moin|servus|guten (?:morgen|tag|abend)|hola|buen[oa]s(?: d[ií]as| tardes| noches)?|bonjour|bonsoir"
    r"|salut|ciao|buongiorno|ol[aá]|oi|bom dia|boa (?:tarde|noite))\b"
    r"|こんにちは|こんばんは|おはよう(?:ございます)?|你好|您好"
)
# Whom a greeting may name: everybody, somebody by @name, or a name, known by its capital.
_GREETED = (
    r"(?: +(?:(?i:there|team|all|every(?:one|body)|folks|guys|again|both|support|friends|people|and|from|my|the"
    r"|zusammen|equipo|équipe|todos|tous)\b"
    r"|@[\w.'’-]+|[^\W\d_a-zß-ÿ][\w.'’-]*)){0,5}"
)
_GREETING = re.compile(rf"\W*(?:{_HELLO}){_GREETED}(?:(?:[\s_]*[^\w\s(\[{{<\"'`@#/$&+])+[\s_]*|[\s_]*\n[\s_]*|[\s_]*$)")
_SMALL_TALK = re.compile(
    r"(?:(?:i |we )?hope (?:you|all|every|this|your|the)[^.!?\n]*|how(?:'s| is| are) (?:you|it|things|every)[^.!?\n]*"
    r"|(?:i have |i've |got |just )?(?:a )?(?:quick |small |short )?question(?: for you)?"
    r"|(?:is )?any(?:one|body) (?:there|around|here)|are you there"
    r"|(?:can|could) (?:some|any)(?:one|body) help(?: me| us)?)"
    r"(?:[\s_]*[.!?:,…\n][\s_]*|\s*$)",
    re.IGNORECASE,
)
# A "sentence" of one or two words ("Help!", "e.g.") says too little for a title: go on to the next end.
_SENTENCE = re.compile(r"[^\n]{12,}?[.!?。？！](?=\s)|[^\n]+")
# Code, or words between two of the marks for bold, italic and struck.
_MARKED = re.compile(r"`([^`\n]{1,300})`|(?<!\w)([*_~])(?=\S)([^*_~`\n]{1,300})(?<=\S)\2(?!\w)")
_LOOKED_AT = 4_000
"""Of a pasted log the beginning is enough, in characters."""


def clean(value: Any) -> Any:
    """The same text, list or dict without what PostgreSQL can't hold: NUL and halves of surrogate pairs."""
    if isinstance(value, str):
        text = value.replace("\x00", "")
        return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return value


def one_line(text: str, length: int) -> str:
    """The text on one line of at most `length` characters, cut at a word where one ends near."""
    text = text[: _LOOKED_AT * 2].strip()[:_LOOKED_AT]
    line = _DISTURBING.sub(" ", text).strip()
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) >= length * 0.6 else cut).rstrip(" ,.;:\u200d") + "…"


def excerpt_of(text: str) -> str:
    """What a card shows of it, on one line of at most 300 characters."""
    return one_line(_unmarked(text[: _LOOKED_AT * 2]), 300)


def title_of(text: str) -> str:
    """The first telling sentence, without a greeting, as a title of at most 120 characters."""
    told = _unmarked(_without_greeting(text) or _beginning(text))
    sentence = _SENTENCE.match(told)
    return one_line(sentence.group() if sentence else told, 120)


def is_telling(text: str) -> bool:
    """Whether it says what the matter is, rather than only greeting, thanking or agreeing."""
    return bool(_without_greeting(text)) and not is_pleasantry(text)


def _without_greeting(text: str) -> str:
    """What comes after "Hi team!" and "Hope you are well.": empty when nothing does."""
    told = _beginning(text)
    rest = told
    for pattern in (_GREETING, _GREETING, _SMALL_TALK, _SMALL_TALK):
        match = pattern.match(rest)
        rest = rest[match.end() :] if match else rest
    if not re.search(r"\w", rest):
        return ""
    if rest != told and rest.split(maxsplit=1)[0].islower():
        rest = rest[0].upper() + rest[1:]
    return rest


def _unmarked(text: str) -> str:
    """Without the marks of bold, italic, struck and code, which a card doesn't draw. Twice, for marks within marks."""
    text = text.replace("```", "")
    for _ in range(2):
        text = _MARKED.sub(lambda match: match[1] or match[3], text)
    return text


def _beginning(text: str) -> str:
    """As much of it as is looked at, without lines that hold no word, such as those around code."""
    text = text[: _LOOKED_AT * 2].strip()[:_LOOKED_AT]
    return "\n".join([line for line in text.splitlines() if re.search(r"\w", line)] or [text])
