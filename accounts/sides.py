"""Who counts as a customer and who as one of us, and why. Pure: (what Slack tells of a person, who we are) → verdict.

Of each person Slack names a home: a team (`T…`) or, in events, sometimes a whole organisation (`E…`). Guests are of
our own team although they are not of our company. https://docs.slack.dev/apis/slack-connect
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from accounts.models import Side


@dataclass(frozen=True, slots=True)
class Us:
    """Our Slack teams, the organisations that they belong to, and our e-mail domains (none: addresses tell nothing)."""

    team_ids: Collection[str]
    enterprise_ids: Collection[str] = ()
    domains: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """As Slack tells; empty where it doesn't. `enterprise_id`: the organisation of which they are a member."""

    team_id: str = ""
    enterprise_id: str = ""
    email: str = ""
    is_guest: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    side: Side
    because: str


def judge(person: Person, us: Us) -> Verdict:
    """Without a team nobody can tell: as a customer's, what they say is at least seen and answered."""
    home = home_of(person, us)
    if not home:
        return Verdict(Side.CUSTOMER, "Slack does not say of which team")
    if home not in {*us.team_ids, *us.enterprise_ids}:
        what = "organisation" if home.startswith("E") else "team"
        return Verdict(Side.CUSTOMER, f"Slack {what} {home} is not ours")
    ours = "organisation" if home in us.enterprise_ids else "team"
    who = f"guest of our {ours}" if person.is_guest else f"of our Slack {ours}"
    domain = person.email.rpartition("@")[2].lower()
    if us.domains and domain:
        is_ours = domain in us.domains
        side = Side.US if is_ours else Side.CUSTOMER
        return Verdict(
            side, f"{who} with an address at {domain}, {'which is ours' if is_ours else 'which is not ours'}"
        )
    if person.is_guest:
        return Verdict(Side.CUSTOMER, f"{who} with an address at {domain}" if domain else who)
    return Verdict(Side.US, who)


def home_of(person: Person, us: Us) -> str:
    """The team; our organisation for those of its other teams. Slack says that of people whose profile it shows."""
    if person.team_id in us.team_ids:
        return person.team_id
    if person.enterprise_id and person.enterprise_id in us.enterprise_ids:
        return person.enterprise_id
    if person.team_id in us.enterprise_ids and person.enterprise_id:
        return person.enterprise_id  # two organisations are named: not to be taken for ours
    return person.team_id
