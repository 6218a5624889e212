"""Invents conversations that look like real ones, the same ones for the same seed. Pure: no database.

For benchmarks and for trying the board at size; the demo's story is written by hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from conversations.status import Status

AREAS = [
    "CSV export", "SSO login", "billing page", "audit log", "webhook", "mobile app", "search index", "invoice",
    "report builder", "API rate limit", "user import", "staging environment", "password reset", "data sync",
    "permissions matrix", "calendar feed", "Terraform provider", "usage dashboard", "sandbox account",
    "retention policy", "German translation", "e-mail digest", "bulk delete", "custom domain",
]  # fmt: skip
SYMPTOMS = [
    "returns an empty file", "times out after a minute", "shows yesterday's numbers", "fails with error {code}",
    "is stuck at {percent}%", "rejects valid input", "sends every notification twice", "ignores the time zone",
    "is missing {count} rows", "logs people out", "got slower since the update", "drops the last page",
    "can't be found any more", "doubles the amounts", "asks for permission again and again",
]  # fmt: skip
GREETINGS = ["", "", "", "Hi team, ", "Hello! ", "Good morning, ", "Hey, "]
OPENINGS = [
    "the {area} {symptom}.",
    "the {area} {symptom}. Can you take a look?",
    "since this morning the {area} {symptom}, for about {count} of our people.",
    "is it expected that the {area} {symptom}?",
    "how do we turn off the {area} for one project?",
    "we need the {area} for {count} more seats by Friday. Is that possible?",
]
MORE = [
    "It also happens in the other region.",
    "Here is the request id: req_{code}{count}.",
    "Only for people who were invited last week.",
    "It worked until {percent} minutes ago.",
]
ACKNOWLEDGEMENTS = [
    "Let me check with the team.",
    "Looking into it now.",
    "Thanks for the report, I'll get back to you today.",
    "I can reproduce it and have asked engineering.",
]
CONCLUSIONS = [
    "I just confirmed with the team: the fix is live.",
    "That is fixed now, the {area} works again.",
    "You can change that under Settings, Projects, {area}.",
    "Done: {count} seats were added to your plan.",
    "This is a known limit of the {area}; I've added your vote to it.",
]
TAGS = [
    "billing",
    "bug",
    "feature request",
    "how-to",
    "integration",
    "onboarding",
    "outage",
    "security",
    "renewal",
    "api",
]
TAGGED = 0.6
"""Share of conversations with a tag or two."""
PRIORITIES = {"urgent": 0.03, "high": 0.15, "normal": 0.72, "low": 0.10}
THANKS = ["Thanks!", "Perfect, thank you.", "Works now, thanks a lot!", "👍"]

NAMES = [
    "Alex", "Sam", "Kim", "Noor", "Ines", "Jonas", "Mira", "Tariq", "Lena", "Paulo", "Yuki", "Ada",
    "Omar", "Zoe", "Ravi", "Elif",
]  # fmt: skip
SURNAMES = [
    "Berg", "Costa", "Diaz", "Evans", "Fischer", "Gupta", "Haddad", "Ito", "Jansen", "Kowalski",
    "Lopez", "Meyer", "Novak", "Okafor", "Park",
]  # fmt: skip
COMPANIES = [
    "Northwind", "Meridian", "Bluebird", "Kestrel", "Juniper", "Harbor", "Summit", "Lantern", "Orchard",
    "Pinecone", "Quarry", "Willow",
]  # fmt: skip
TRADES = [
    "Logistics", "Health", "Energy", "Retail", "Labs", "Foods", "Media", "Robotics", "Travel",
    "Finance", "Security", "Games", "Motors",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A message and the status it leads to, None when it changes nothing."""

    at: datetime
    inbound: bool
    text: str
    leads_to: Status | None = None


@dataclass(frozen=True, slots=True)
class Invented:
    """A conversation: who takes part, as places in lists of channels, contacts and teammates, and what was said."""

    channel: int
    contact: int
    teammate: int
    said: Sequence[Said]
    tags: Sequence[str] = ()
    priority: str = "normal"

    @property
    def status(self) -> Status:
        return next((s.leads_to for s in reversed(self.said) if s.leads_to), Status.TODO)


def conversations(
    places: range, *, of: int, seed: int, until: datetime, channels: int, teammates: int
) -> Iterator[Invented]:
    """Those at `places` of a year with `of` conversations that ends at `until`. Each depends on its place alone."""
    for place in places:
        rng = Random(f"{seed}/{place}")  # noqa: S311 - invented data
        opened_at = until - timedelta(days=365) * (1 - (place + rng.random()) / of)
        yield Invented(
            channel=int(channels * rng.random() ** 2),  # a few customers write most
            contact=rng.randrange(1000),
            teammate=rng.randrange(teammates),
            said=_course(rng, opened_at, until),
            tags=sorted(rng.sample(TAGS, rng.choice([1, 1, 2]))) if rng.random() < TAGGED else (),
            priority=rng.choices(list(PRIORITIES), list(PRIORITIES.values()))[0],
        )


def company(place: int) -> str:
    name, trade = COMPANIES[place % len(COMPANIES)], TRADES[place // len(COMPANIES) % len(TRADES)]
    again = place // (len(COMPANIES) * len(TRADES))
    return f"{name} {trade} {again + 1}" if again else f"{name} {trade}"


def person(place: int) -> str:
    return f"{NAMES[place % len(NAMES)]} {SURNAMES[place * 7 % len(SURNAMES)]}"


def _course(rng: Random, opened_at: datetime, until: datetime) -> list[Said]:
    """What is said, cut off where the conversation stands today: old ones are nearly all closed."""
    words: dict[str, str | int] = {
        "area": rng.choice(AREAS),
        "symptom": rng.choice(SYMPTOMS),
        "code": rng.randrange(400, 600),
        "percent": rng.randrange(5, 99),
        "count": rng.randrange(2, 60),
    }
    days = (until - opened_at).days
    still_open = rng.random() < (0.9 if days < 3 else 0.2 if days < 30 else 0.01)
    stages: list[tuple[bool, list[str], Status | None]] = [(True, OPENINGS, None)]
    stages += [(True, MORE, None)] * rng.choice([0, 0, 1, 2])
    if not still_open or rng.random() < 0.6:
        stages.append((False, ACKNOWLEDGEMENTS, Status.IN_PROGRESS))
        stages += [(True, MORE, None)] * rng.choice([0, 0, 1])
    if not still_open:
        stages.append((False, CONCLUSIONS, Status.CLOSED))
        stages += [(True, THANKS, None)] * rng.choice([0, 1])
    said: list[Said] = []
    at = opened_at
    for inbound, texts, leads_to in stages:
        text = _fill(rng.choice(texts), words)
        if not said:
            text = rng.choice(GREETINGS) + text
        said.append(Said(at, inbound, text[0].upper() + text[1:], leads_to))
        # Minutes to hours, never past the end: what is said last may have just been said.
        pause = timedelta(minutes=1 - 45 * math.log(1 - rng.random()))
        at = min(at + pause, at + (until - at) / 2)
    return said


def _fill(template: str, words: dict[str, str | int]) -> str:
    """A symptom has gaps of its own."""
    return template.replace("{symptom}", str(words["symptom"])).format(**words)
