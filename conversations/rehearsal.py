"""Plays recorded channels through ways of grouping, message by message, each seeing only what came before.

Beside the product's own decision stand three simple rules; what does not beat them is not worth its numbers.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from conversations import grouping
from conversations.chatlog import Chatlog, Line
from conversations.decision import Decision, Known, Settings
from conversations.evaluation import Channels, grouping_figures, link_figures
from conversations.linking_features import WINDOW, Utterance, words_for
from conversations.linking_reading import ASKS, read

# Where a message goes: its conversation (None: a new one) and the place of the earlier message it answers.
Choice = tuple[Hashable | None, int | None]
Rule = Callable[[Utterance, Sequence[Utterance]], Choice]

QUIET_SECONDS: Final = 15 * 60.0
DAY_SECONDS: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A message's conversation as decided, and the message it answers (itself: it starts one)."""

    line: Line
    conversation: str
    answers: Hashable


def rehearse(channel: Chatlog, rule: Rule) -> list[Placed]:
    """Place every message of a channel; join and leave lines are a conversation each."""
    placed: list[Placed] = []
    said: list[Utterance] = []
    for line in channel.lines:
        own = f"from-{line.id}"
        if line.system:
            placed.append(Placed(line, own, line.id))
            continue
        conversation, answered = rule(line.utterance(), said[-WINDOW:])
        answers = line.id if answered is None else said[-WINDOW:][answered].key
        placed.append(Placed(line, str(conversation or own), answers))
        said.append(line.utterance(placed[-1].conversation))
    return placed


def figures(channels: Iterable[Sequence[Placed]]) -> dict[str, float]:
    """Compare what was decided with the gold labels; messages without one don't count."""
    pairs: list[tuple[list[Hashable], list[Hashable]]] = []
    gold_links: set[Hashable] = set()
    said_links: set[Hashable] = set()
    for number, placed in enumerate(channels):
        scored = [one for one in placed if one.line.conversation is not None]
        pairs.append(([one.line.conversation for one in scored], [one.conversation for one in scored]))
        gold_links.update((number, one.line.id, answered) for one in scored for answered in one.line.reply_to)
        said_links.update((number, one.line.id, one.answers) for one in scored)
    found: Channels = pairs
    all_figures = grouping_figures(found)
    if gold_links:
        all_figures["linkF"] = link_figures(gold_links, said_links)[2]
    return all_figures


def live_rule(settings: Settings | None = None) -> Rule:
    """Decide as the product does; without settings, as it does by itself."""

    def choose(new: Utterance, earlier: Sequence[Utterance]) -> Choice:
        decision = decide(new, earlier, settings)
        return decision.conversation, place_of(decision, earlier)

    return choose


def decide(new: Utterance, earlier: Sequence[Utterance], settings: Settings | None = None) -> Decision:
    """The product's decision. Who is one of us, recorded channels don't tell."""
    said = grouping.Utterance(new.at, new.author, new.from_teammate, new.text, None, new.author_name)
    return grouping.group(said, earlier, known=Known(), settings=settings or Settings())


def place_of(decision: Decision, earlier: Sequence[Utterance]) -> int | None:
    """Where among the earlier messages the one is that is answered."""
    return next((place for place, one in enumerate(earlier) if one.key == decision.answers), None)


def quiet_gap(new: Utterance, earlier: Sequence[Utterance]) -> Choice:
    """Go on with the channel's last conversation until it has been quiet for 15 minutes."""
    if earlier and new.at - earlier[-1].at <= QUIET_SECONDS:
        return earlier[-1].conversation, len(earlier) - 1
    return None, None


def author_and_mention(new: Utterance, earlier: Sequence[Utterance]) -> Choice:
    """Go to where the person called by name spoke last, else to where the author did, within a day."""
    called = read(new.text).called
    for wanted in (
        lambda one: not called.isdisjoint(words_for(one.author, one.author_name)),
        lambda one: one.author == new.author,
    ):
        index = _latest(earlier, wanted)
        if index is not None and new.at - earlier[index].at <= DAY_SECONDS:
            return earlier[index].conversation, index
    return None, None


def adaptive(new: Utterance, earlier: Sequence[Utterance]) -> Choice:
    """Do as `author_and_mention` within a time that follows the channel's pace; else answer a fresh question."""
    if not earlier:
        return None, None
    gaps = sorted(after.at - before.at for before, after in pairwise(earlier[-41:]))
    pace = gaps[len(gaps) // 2] if gaps else QUIET_SECONDS
    patience = min(max(30 * pace, 10 * 60.0), DAY_SECONDS)
    conversation, index = author_and_mention(new, earlier)
    if index is not None and new.at - earlier[index].at <= patience:
        return conversation, index
    last = earlier[-1]
    if read(last.text).marks[ASKS] and last.author != new.author and new.at - last.at <= patience:
        return last.conversation, len(earlier) - 1
    return None, None


BASELINES: Final[dict[str, Rule]] = {
    "15-minute gap": quiet_gap,
    "author + mention": author_and_mention,
    "adaptive rules": adaptive,
}


def _latest(earlier: Sequence[Utterance], wanted: Callable[[Utterance], bool]) -> int | None:
    return next((index for index in range(len(earlier) - 1, -1, -1) if wanted(earlier[index])), None)
