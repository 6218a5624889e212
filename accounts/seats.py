"""Who signs in, and as whom they act.

A person signs in with one row, their login: it has the e-mail address, the password and the second factor. In each
workspace they act as a seat: in one as that row itself, in every other as a row of its own (`User.signs_in_as`).
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q, QuerySet

from accounts.models import User, Workspace

CHOSEN, SEVERAL = "seat", "several_seats"
"""Under which names the session keeps the seat's id, and whether there are others: pages need not ask each time."""


def login_of(seat: User) -> User:
    return seat.signs_in_as or seat


def seats_of(login: User) -> QuerySet[User]:
    """Where they may go in, by the workspace's name."""
    mine = User.objects.filter(Q(pk=login.pk, signs_in_as=None) | Q(signs_in_as=login.pk), is_active=True)
    return mine.select_related("workspace").order_by("workspace__name", "pk")


def seat_of(login: User, session: SessionBase) -> User | None:
    """As whom they act now. None when the seat they had chosen has ended: nothing is done in another workspace that
    was meant for this one."""
    chosen = session.get(CHOSEN)
    if chosen in {None, login.pk} and login.is_active and login.signs_in_as_id is None:
        return login  # as most do: no further query
    seats = seats_of(login)
    return seats.first() if chosen is None else seats.filter(pk=chosen).first()


def choose(seat: User, session: SessionBase) -> None:
    session[CHOSEN] = seat.pk
    count_seats(login_of(seat), session)


def count_seats(login: User, session: SessionBase) -> list[User]:
    """All of them, noted for the switcher."""
    seats = list(seats_of(login))
    session[SEVERAL] = len(seats) > 1
    return seats


def lacks_second_factor(login: User, workspace: Workspace) -> bool:
    """Whether the workspace wants one and they have none. Recovery codes alone are none."""
    if not workspace.requires_second_factor:
        return False
    return not Authenticator.objects.filter(user=login).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def sessions_of(login: User) -> list[UserSession]:
    """Where they are signed in, the one used last first."""
    return sorted(UserSession.objects.purge_and_list(login), key=lambda one: one.last_seen_at, reverse=True)
