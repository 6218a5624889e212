"""Accounts that may be one company. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from accounts.services import PUBLIC_MAIL

LEGAL = {
    "ag", "bv", "co", "company", "corp", "corporation", "gmbh", "group", "holding", "holdings", "inc", "incorporated",
    "kg", "limited", "llc", "llp", "ltd", "nv", "oy", "plc", "sa", "sarl", "sas", "se", "spa", "srl", "the",
}  # fmt: skip
"""Words of a company's name that tell nothing."""
SHORT = 6
"""Shorter names must be the same: with one letter changed they are others' too."""
SEVERAL = 20
"""Of more that share a domain or a name, pairs are too many to look at."""


@dataclass(frozen=True, slots=True)
class Known:
    pk: int
    name: str
    domains: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    first: int
    second: int
    domain: str = ""
    """The one they share; empty: their names are nearly the same."""


def suggestions(accounts: Iterable[Known], *, most: int = 50) -> list[Suggestion]:
    """Each pair once; those that share a domain first. Time grows with the number of accounts, not of pairs."""
    accounts = list(accounts)
    found: dict[tuple[int, int], str] = {}
    for one, other, domain in _pairs((domain, a.pk) for a in accounts for domain in {*a.domains} - PUBLIC_MAIL):
        found.setdefault((one, other), domain)
    cores = {account.pk: core(account.name) for account in accounts}
    for one, other, _ in _pairs((key, pk) for pk, name in cores.items() for key in _keys(name)):
        if _is_near(cores[one], cores[other]):
            found.setdefault((one, other), "")
    return [Suggestion(*pair, domain) for pair, domain in sorted(found.items(), key=lambda one: not one[1])][:most]


def core(name: str) -> str:
    """ "The Globex Corp." → "globex"."""
    words = [word for word in re.split(r"[\W_]+", name.casefold()) if word]
    return "".join(word for word in words if word not in LEGAL) or "".join(words)


def _keys(name: str) -> Iterator[str]:
    """Two names that differ in one letter have one of these in common."""
    if not name:
        return
    yield name
    if len(name) >= SHORT:
        yield from {name[:place] + name[place + 1 :] for place in range(len(name))}


def _is_near(one: str, other: str) -> bool:
    """The same but for one letter: changed, left out, added, or two neighbours swapped."""
    if one == other:
        return True
    if min(len(one), len(other)) < SHORT:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, other_rest = one[start:], other[start:]
    swapped = rest[1::-1] == other_rest[:2] and rest[2:] == other_rest[2:]
    return swapped or other_rest[1:] in {rest, rest[1:]} or rest[1:] == other_rest


def _pairs(keyed: Iterable[tuple[str, int]]) -> Iterator[tuple[int, int, str]]:
    places: dict[str, list[int]] = defaultdict(list)
    for key, pk in keyed:
        places[key].append(pk)
    for key, pks in places.items():
        if len(pks) <= SEVERAL:
            for one, other in combinations(sorted(pks), 2):
                yield one, other, key
