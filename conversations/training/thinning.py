"""Quiet channels made from busy ones, so that a linker trained on IRC serves shared Slack channels too.

Of a busy channel a few whole conversations are kept, the time is stretched, leading names ("omar: try this") are
dropped, and some copies join the lines that one person sent in a row, as people write longer messages in Slack.
"""

import random
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import replace

from conversations.chatlog import Line
from conversations.linking_reading import without_leading_name

SHARES = (0.03, 0.05, 0.08, 0.12, 0.2, 0.3)  # of the conversations kept
STRETCHES = (4, 8, 12, 16, 24)
NAME_DROPS = (0.0, 0.5, 0.9, 1.0, 1.0)  # probability that a leading name is dropped
JOINED_COPIES = 0.3
JOINED_LINES = 0.7
JOINED_WITHIN = 40.0  # seconds, before stretching


def spread_minutes(lines: Sequence[Line]) -> list[Line]:
    """Spread the messages that share a minute's time stamp evenly over that minute."""
    sharing: defaultdict[float, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        sharing[line.at].append(index)
    spread = list(lines)
    for indexes in sharing.values():
        for place, index in enumerate(indexes):
            line = lines[index]
            if line.at % 60 == 0:
                spread[index] = replace(line, at=line.at + 60 * (place + 0.5) / len(indexes))
    return spread


def thin(lines: Sequence[Line], rng: random.Random) -> list[Line]:
    """Make one quiet copy of a busy channel."""
    system = {line.conversation for line in lines if line.system}
    labels = dict.fromkeys(line.conversation for line in lines if line.conversation is not None)
    share, stretch, drop = rng.choice(SHARES), rng.choice(STRETCHES), rng.choice(NAME_DROPS)
    kept = {label for label in labels if label not in system and rng.random() < share}
    joins = rng.random() < JOINED_COPIES
    names = frozenset(line.user.lower() for line in lines)
    start = lines[0].at
    joined: dict[Hashable, Hashable] = {}  # from a line that was joined to the one that holds it
    quiet: list[Line] = []
    for line in spread_minutes(lines):
        if line.conversation not in kept:
            continue
        text = without_leading_name(line.text, names) if rng.random() < drop else line.text
        at = start + (line.at - start) * stretch
        before = quiet[-1] if quiet else None
        if before:
            at = max(at, before.at)
            same = (before.user, before.conversation) == (line.user, line.conversation)
            if joins and same and at - before.at < JOINED_WITHIN * stretch and rng.random() < JOINED_LINES:
                quiet[-1] = replace(before, text=f"{before.text}\n{text}")
                joined[line.id] = before.id
                continue
        answered = tuple(joined.get(one, one) for one in line.reply_to)
        quiet.append(replace(line, at=at, text=text, reply_to=answered))
    return quiet
