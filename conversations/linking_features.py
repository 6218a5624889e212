"""What the linker compares: a new message with each conversation lately active in its channel, in numbers.

One row for every candidate conversation and one for "a new conversation". No channel's vocabulary is in it: who spoke,
who was addressed, how long ago, which rare words are shared, what kind of message it is. Gaps are logarithms of
seconds, or of messages in between, so that minutes and weeks fit on one scale.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log, log1p
from typing import Final

from conversations.linking_reading import ASKS, MARKS, Reading, read

WINDOW: Final = 100  # earlier messages looked at
NEAREST: Final = 8  # candidates by recency; conversations of the author and of those addressed may come on top
ADDED: Final = 6
PACE_WINDOW: Final = 40  # gaps whose median is the channel's pace; of fewer it says too little, and 0 is taken
NEVER: Final = 25.0  # the gap to something that never happened; real ones stay below 20

# Of a candidate conversation, in the order of `_compare`.
PAIR_FEATURES: Final = (
    "is_new", "rank", "last_gap", "last_between", "last_gap_to_pace", "mine_gap", "mine_between", "to_me_gap",
    "to_me_between", "addressee_gap", "addressee_between", "start_gap", "other_gap", "messages", "my_messages",
    "people", "others_since_me", "my_latest", "addressee_latest", "addressees_in_it", "last_by_me", "last_to_me",
    "last_to_other", *(f"last_{mark}" for mark in MARKS), "started_by_me", "ever_asks", "last_shared",
    "most_shared", "share_of_words", "rarest_shared", "words_shared", "last_author_moved_on", "i_addressed_other",
    "i_addressed_outsider", "addressed_since_me", "other_between", "last_author_conversations",
    "last_author_messages", "last_author_messages_in_it",
)  # fmt: skip
# Of the new message and the channel, the same in every row of a message, in the order of `_circumstances`.
COMMON_FEATURES: Final = (
    "pace", "previous_gap", "my_gap", "my_between", "my_messages_in_channel", "my_conversations", "addressees",
    "leading_name", "leading_name_known", "previous_by_me", "active_conversations", "window", "names_used",
    "active_people", "gap_20", "words", *MARKS,
)  # fmt: skip
FEATURES: Final = PAIR_FEATURES + COMMON_FEATURES
_MOST_SHARED: Final = PAIR_FEATURES.index("most_shared")
_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Rarity:
    """How telling a word is: the logarithm of how rarely it is said; for unlisted words `unknown`."""

    words: Mapping[str, float]
    unknown: float

    def of(self, word: str) -> float:
        """Weigh one word."""
        return self.words.get(word, self.unknown)

    def may_be_name(self, word: str) -> bool:
        """A nick like "help" or "the" is no evidence of being called."""
        return self.of(word) > 5.5


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message of a channel. `at` is in epoch seconds; `conversation` is None while it belongs to none."""

    key: Hashable
    at: float
    author: str
    text: str
    conversation: Hashable | None
    from_teammate: bool | None = None
    author_name: str = ""

    @property
    def name(self) -> str:
        """The author as people call them."""
        return self.author_name or self.author


@dataclass(slots=True)
class Candidates:
    """`rows[i]` holds the PAIR_FEATURES of `conversations[i]` (None, at the end: a new conversation).

    `answers[i]` is the place, among the earlier messages, of the one that it would most likely answer.
    """

    conversations: list[Hashable | None]
    rows: list[list[float]]
    answers: list[int | None]
    common: list[float]


@lru_cache(maxsize=4096)
def words_for(author: str, name: str) -> frozenset[str]:
    """Return the lower-case words by which someone may be addressed: the id, the first name, the name in one."""
    parts = name.lower().split()
    return frozenset([author.lower(), *parts[:1], "".join(parts)]) - {""}


def candidates(new: Utterance, earlier: Sequence[Utterance], rarity: Rarity) -> Candidates:
    """Compare a message with the conversations of those before it (oldest first)."""
    scene = _Scene(new, earlier[-WINDOW:], rarity)
    dropped = max(0, len(earlier) - WINDOW)
    kept = scene.candidates()
    rows: list[list[float]] = []
    answers: list[int | None] = []
    for rank, conversation in enumerate(kept):
        row, answered = scene.compare(conversation, rank)
        rows.append(row)
        answers.append(answered + dropped)
    fresh = [1.0] + [NEVER] * (len(PAIR_FEATURES) - 1)
    fresh[1] = float(len(scene.members))
    fresh[_MOST_SHARED] = max((row[_MOST_SHARED] for row in rows), default=0.0)
    return Candidates([*kept, None], [*rows, fresh], [*answers, None], scene.circumstances())


class _Scene:
    """The channel as the new message finds it."""

    def __init__(self, new: Utterance, earlier: Sequence[Utterance], rarity: Rarity) -> None:
        self.new = new
        self.earlier = earlier
        self.reading = read(new.text)
        self.readings = [read(spoken.text) for spoken in earlier]
        authors = {one.author: one.author_name for one in (*earlier, new)}
        self.names = {
            word: author
            for author, name in authors.items()
            for word in words_for(author, name)
            if rarity.may_be_name(word)
        }
        self.to = self._addressed(self.readings)
        self.addressees = self._addressed([self.reading])[0] - {new.author}
        topical = self.reading.topical
        self.shared = [
            _NONE if topical.isdisjoint(reading.topical) else topical & reading.topical for reading in self.readings
        ]
        often = Counter(word for words in self.shared for word in words)
        self.weight = {word: rarity.of(word) / (1 + log(count)) for word, count in often.items()}
        self.all_weight = 1.0 + sum(rarity.of(word) for word in self.reading.topical)

        self.members: dict[Hashable, list[int]] = {}
        self.latest: dict[str, int] = {}
        self.spoke: Counter[str] = Counter()
        self.takes_part: dict[str, set[Hashable]] = {}
        for index, spoken in enumerate(earlier):
            self.latest[spoken.author] = index
            self.spoke[spoken.author] += 1
            if spoken.conversation is not None:
                self.members.setdefault(spoken.conversation, []).append(index)
                self.takes_part.setdefault(spoken.author, set()).add(spoken.conversation)
        mine = self.latest.get(new.author)
        self.my_latest = None if mine is None else earlier[mine].conversation
        self.addressees_latest = {
            earlier[self.latest[who]].conversation for who in self.addressees if who in self.latest
        }
        gaps = sorted(after.at - before.at for before, after in pairwise(earlier[-PACE_WINDOW - 1 :]))
        self.pace = log1p(max(0.0, gaps[len(gaps) // 2])) if len(gaps) == PACE_WINDOW else 0.0

    def candidates(self) -> list[Hashable]:
        """Return the conversations worth comparing, the latest first."""
        order = sorted(self.members, key=lambda one: -self.members[one][-1])
        closer = {self.my_latest, *self.addressees_latest, *self.takes_part.get(self.new.author, ())}
        return order[:NEAREST] + [one for one in order[NEAREST:] if one in closer][:ADDED]

    def circumstances(self) -> list[float]:
        """Lay out the COMMON_FEATURES."""
        earlier, author, reading, size = self.earlier, self.new.author, self.reading, len(self.earlier)
        mine = self.latest.get(author)
        return [
            self.pace,
            self._gap(size - 1),
            self._gap(mine),
            self._between(mine),
            log1p(self.spoke[author]),
            float(len(self.takes_part.get(author, ()))),
            float(len(self.addressees)),
            float(bool(reading.leading_name)),
            float(reading.leading_name in self.names),
            float(size > 0 and earlier[-1].author == author),
            float(len({one.conversation for one in earlier[-20:]})),
            float(size),
            sum(map(bool, self.to)) / (size + 1.0),
            float(len({one.author for one in earlier[-20:]})),
            self._gap(max(0, size - 20)),
            reading.length,
            *reading.marks,
        ]

    def compare(self, conversation: Hashable, rank: int) -> tuple[list[float], int]:
        """Lay out the PAIR_FEATURES of a conversation; name the message that would be answered."""
        earlier, author, members = self.earlier, self.new.author, self.members[conversation]
        mine = other = to_me = by_addressee = None
        people: Counter[str] = Counter()
        shared: set[str] = set()
        most_shared = others_since_me = 0.0
        for index in members:
            who = earlier[index].author
            people[who] += 1
            if who == author:
                mine, others_since_me = index, 0.0
            else:
                other, others_since_me = index, others_since_me + 1
            if author in self.to[index]:
                to_me = index
            if who in self.addressees:
                by_addressee = index
            if self.shared[index]:
                shared |= self.shared[index]
                most_shared = max(most_shared, self._weigh(self.shared[index]))
        first, last = members[0], members[-1]
        last_by, last_to, last_gap = earlier[last].author, self.to[last], self._gap(last)
        other_by = "" if other is None else earlier[other].author
        i_addressed = _NONE if mine is None else self.to[mine]
        addressed_since_me = to_me is not None and (mine is None or to_me > mine)
        row = [
            0.0,
            float(rank),
            last_gap,
            self._between(last),
            last_gap - self.pace,
            self._gap(mine),
            self._between(mine),
            self._gap(to_me),
            self._between(to_me),
            self._gap(by_addressee),
            self._between(by_addressee),
            self._gap(first),
            self._gap(other),
            float(len(members)),
            float(people[author]),
            float(len(people)),
            others_since_me,
            float(conversation == self.my_latest),
            float(conversation in self.addressees_latest),
            float(sum(who in people for who in self.addressees)),
            float(last_by == author),
            float(author in last_to),
            float(bool(last_to) and author not in last_to),
            *self.readings[last].marks,
            float(earlier[first].author == author),
            float(any(self.readings[index].marks[ASKS] for index in members)),
            self._weigh(self.shared[last]),
            most_shared,
            self._weigh(shared) / self.all_weight,
            max((self.weight[word] for word in shared), default=0.0),
            float(len(shared)),
            float(earlier[self.latest[last_by]].conversation != conversation),
            float(other_by in i_addressed),
            float(bool(i_addressed) and people.keys().isdisjoint(i_addressed)),
            float(addressed_since_me),
            self._between(self.latest[other_by]) if other_by else NEVER,
            float(len(self.takes_part.get(last_by, ()))),
            float(self.spoke[last_by]),
            float(people[last_by]),
        ]
        answered = to_me if addressed_since_me else by_addressee if by_addressee is not None else None
        if answered is None:
            answered = other if other is not None and others_since_me else last
        return row, answered

    def _gap(self, index: int | None) -> float:
        """Return the logarithm of the seconds since an earlier message."""
        if index is None or not 0 <= index < len(self.earlier):
            return NEVER
        return log1p(max(0.0, self.new.at - self.earlier[index].at))

    def _between(self, index: int | None) -> float:
        """Return the logarithm of the messages since an earlier one."""
        return NEVER if index is None else log1p(len(self.earlier) - index)

    def _weigh(self, words: set[str] | frozenset[str]) -> float:
        return sum(self.weight[word] for word in words) if words else 0.0

    def _addressed(self, readings: Sequence[Reading]) -> list[frozenset[str]]:
        """Find whom each message calls by name."""
        known = frozenset(self.names)
        return [
            _NONE
            if known.isdisjoint(reading.called)
            else frozenset(self.names[word] for word in reading.called & known)
            for reading in readings
        ]
