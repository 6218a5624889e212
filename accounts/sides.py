"""Who counts as a customer and who as one of us, and why. Pure: (what Slack tells of a person, who we are) → verdict.

Of each person Slack names a home: a team (`T…`) or, in events, sometimes a whole organisation (`E…`). Guests are of
our own team although they are not of our company. https://docs.slack.dev/apis/slack-connect
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext

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
        return Verdict(Side.CUSTOMER, gettext("Slack does not say of which team"))
    if home not in {*us.team_ids, *us.enterprise_ids}:
        strange = (
            gettext("Slack organisation %(id)s is not ours")
            if home.startswith("E")
            else gettext("Slack team %(id)s is not ours")
        )
        return Verdict(Side.CUSTOMER, strange % {"id": home})
    if home in us.enterprise_ids:
        who = gettext("guest of our organisation") if person.is_guest else gettext("of our Slack organisation")
    else:
        who = gettext("guest of our team") if person.is_guest else gettext("of our Slack team")
    domain = person.email.rpartition("@")[2].lower()
    if us.domains and domain:
        is_ours = domain in us.domains
        words = {"who": who, "domain": domain}
        if is_ours:
            return Verdict(Side.US, gettext("%(who)s with an address at %(domain)s, which is ours") % words)
        return Verdict(Side.CUSTOMER, gettext("%(who)s with an address at %(domain)s, which is not ours") % words)
    if person.is_guest:
        with_address = gettext("%(who)s with an address at %(domain)s") % {"who": who, "domain": domain}
        return Verdict(Side.CUSTOMER, with_address if domain else who)
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
