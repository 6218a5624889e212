"""What Slack tells of a person becomes a teammate or a contact; a changed profile changes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts import time_zones
from accounts.models import Account, Contact, Side, User
from accounts.sides import Person, Us, home_of, judge
from conversations.intake import sent_at
from conversations.services import name_author
from integrations.models import Installation, Provider
from integrations.slack.messages import TS

CLOCKS = timedelta(minutes=1)
"""How far Slack's clock may be from ours."""


def us_of(installation: Installation) -> Us:
    """All Slack teams of the workspace are ours."""
    teams = Installation.objects.filter(workspace=installation.workspace_id, provider=Provider.SLACK)
    homes = [*teams.values_list("external_id", "enterprise_id"), (installation.external_id, installation.enterprise_id)]
    return Us(
        team_ids={team for team, _ in homes},
        enterprise_ids={enterprise for _, enterprise in homes} - {""},
        domains=installation.workspace.email_domains,
    )


def known_person(installation: Installation, user_id: str) -> User | Contact | None:
    mine = {"workspace": installation.workspace_id, "external_id": user_id}
    return User.objects.filter(**mine).first() or Contact.objects.filter(**mine).first()


def remember(
    installation: Installation, profile: Mapping[str, Any], *, read_at: datetime | None = None
) -> User | Contact | None:
    """Take Slack's user object over: make or refresh the teammate or contact. None for apps."""
    user_id = _text(profile.get("id"))
    if not user_id or profile.get("is_bot") or user_id == "USLACKBOT":
        return None
    details = profile.get("profile")
    details = details if isinstance(details, Mapping) else {}
    us, told = us_of(installation), person_of(profile)
    home = home_of(told, us)
    seen: dict[str, Any] = {
        "name": (_text(details.get("real_name")) or _text(profile.get("real_name")) or _text(profile.get("name"))
                 or user_id)[:120],
        "external_team_id": home[:64],
        "is_guest": told.is_guest,
        "avatar_url": _text(details.get("image_72"))[:500],
        "profile_read_at": read_at or timezone.now(),
    }  # fmt: skip
    before = known_person(installation, user_id)
    person: User | Contact
    if judge(told, us).side == Side.US:
        person = user = teammate(installation, user_id, seen, email=told.email)
        _learn_time_zone(user, _text(profile.get("tz")))
        if profile.get("deleted"):
            deactivate(user)
    else:
        may_sign_in = not told.is_guest and home in {*us.team_ids, *us.enterprise_ids}
        _dismiss(installation, user_id, may_sign_in=may_sign_in)
        told_of_contacts = {
            "title": _text(details.get("title"))[:120], "time_zone": time_zones.known(_text(profile.get("tz")))
        }  # fmt: skip
        person = contact(installation, user_id, seen | told_of_contacts | ({"email": told.email} if told.email else {}))
    if before and before.name == user_id != person.name:
        name_author(person, former=user_id)
    return person


def change(installation: Installation, event: Mapping[str, Any]) -> str:
    """`user_change`: whom we don't know is learned when they speak. Answers what was done, in words."""
    profile = event.get("user")
    if not isinstance(profile, Mapping):
        return "a change of nobody"
    person = known_person(installation, _text(profile.get("id")))
    if person is None:
        return "somebody we don't know"
    ts = _text(event.get("event_ts"))
    changed_at = sent_at(ts) if TS.fullmatch(ts) else datetime.now(UTC)
    if person.profile_read_at and changed_at < person.profile_read_at - CLOCKS:
        return "older than what is known"
    after = remember(installation, profile, read_at=changed_at)
    if type(after) is not type(person):
        return "counts as a customer from now on" if isinstance(after, Contact) else "is a teammate from now on"
    return "a profile was read anew"


def person_of(profile: Mapping[str, Any]) -> Person:
    details = profile.get("profile")
    email = _text(details.get("email")).lower() if isinstance(details, Mapping) else ""
    grid = profile.get("enterprise_user")
    return Person(
        team_id=_text(profile.get("team_id")) or _text(profile.get("team")),
        enterprise_id=_text(grid.get("enterprise_id")) if isinstance(grid, Mapping) else "",
        email=email[:254],
        is_guest=bool(profile.get("is_restricted") or profile.get("is_ultra_restricted")),
    )


def deactivate(user: User) -> None:
    """Somebody who left our Slack team. Whoever comes back is made active again by hand: staff may have had reasons."""
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])


def teammate(installation: Installation, user_id: str, seen: dict[str, Any], *, email: str = "") -> User:
    """Someone who signed in before being seen in Slack is found by their address."""
    mine = User.objects.filter(workspace=installation.workspace)
    user = mine.filter(external_id=user_id).first()
    if user is None and email:
        user = mine.filter(email__iexact=email, external_id=None).first()
        if user and not user.is_active:
            user = _welcome_back(user)
    if user is None:
        user, _ = User.objects.get_or_create(
            workspace=installation.workspace,
            external_id=user_id,
            defaults=seen | {"email": email if _is_free(email) else None, "password": "!"},
        )
        return user
    if email != user.email and _is_free(email):
        seen = seen | {"email": email}
    user.external_id = user_id
    for name, value in seen.items():
        setattr(user, name, value)
    user.save(update_fields=["external_id", *seen])
    return user


def contact(installation: Installation, user_id: str, seen: dict[str, Any]) -> Contact:
    account = _account_of(installation, seen.get("external_team_id", ""), seen.get("email", ""))
    found, made = Contact.objects.get_or_create(
        workspace=installation.workspace, external_id=user_id, defaults=seen | {"account": account}
    )
    if not made:
        for name, value in seen.items():
            setattr(found, name, value)
        found.save(update_fields=[*seen])
    return found


def _learn_time_zone(user: User, told: str) -> None:
    """Only while they have none: what somebody chose stands."""
    if not user.time_zone and (zone := time_zones.known(told)):
        user.time_zone = zone
        user.save(update_fields=["time_zone"])


def _dismiss(installation: Installation, user_id: str, *, may_sign_in: bool) -> None:
    """A teammate who is none any more, such as one who became a guest, or was taken for one while Slack was away.

    Whose address alone says so keeps what they sign in with: a mistyped domain of ours must lock nobody out.
    """
    user = User.objects.filter(workspace=installation.workspace, external_id=user_id).first()
    if user is None:
        return
    user.external_id = None
    user.is_active = user.is_active and may_sign_in and user.has_usable_password()
    user.save(update_fields=["external_id", "is_active"])


def _welcome_back(user: User) -> User | None:
    """Only those whom nobody but us can have made inactive: they never could sign in."""
    if user.has_usable_password() or user.last_login:
        return None
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


def _is_free(email: str) -> bool:
    return bool(email) and not User.objects.filter(email__iexact=email).exists()


def _account_of(installation: Installation, team_id: str, email: str) -> Account | None:
    ours = us_of(installation)
    is_foreign = team_id and team_id not in {*ours.team_ids, *ours.enterprise_ids}
    by = Q(external_team_id=team_id) if is_foreign else Q()
    domain = email.partition("@")[2]
    if domain:
        by |= Q(domains__contains=[domain])
    return Account.objects.filter(by, workspace=installation.workspace).first() if by else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
