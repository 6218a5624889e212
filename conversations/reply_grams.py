"""How a reply is put: its words, pairs of words and pieces of words, as keys of learnt weights.

A word stands for itself, a pair has a space, a piece of three or four letters begins with "~".
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from conversations.wording import Word, Wording

WORDS: Final = 60
"""Words that are looked at, from the beginning."""
LETTERS: Final = 300
PIECES: Final = (3, 4)
WORD, PIECE = 1.0, 0.5
"""What each counts as in training: a word has many pieces."""


def grams(wording: Wording) -> set[str]:
    """The keys, without the ends "^" and "$" where they stand alone."""
    said = [word.text for word in wording.words[:WORDS]]
    keys = set(said)
    keys.update(f"{one} {other}" for one, other in pairwise(["^", *said, "$"]))
    letters = f" {' '.join(said)} "[:LETTERS]
    for length in PIECES:
        keys.update(f"~{letters[at : at + length]}" for at in range(len(letters) - length + 1))
    return keys


def weight_in_training(key: str) -> float:
    return PIECE if key.startswith("~") else WORD


def pairs(wording: Wording) -> Iterator[tuple[str, Word, Word]]:
    """The pairs of words that may be shown as evidence."""
    for one, other in pairwise(wording.words[:WORDS]):
        yield f"{one.text} {other.text}", one, other
