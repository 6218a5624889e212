"""The cast that most tests need. `tests/cast.py` makes anybody else."""

from __future__ import annotations

import pytest

from accounts.models import Account, Channel, Contact, Role, User, Workspace
from tests import cast


@pytest.fixture
def workspace(db: None) -> Workspace:
    return cast.make_workspace()


@pytest.fixture
def dana(workspace: Workspace) -> User:
    """An admin who owns the account and its channel, and may use the admin site."""
    return cast.make_teammate(
        workspace=workspace, name="Dana Reyes", email="dana@acme.example", role=Role.ADMIN, is_staff=True
    )


@pytest.fixture
def omar(workspace: Workspace) -> User:
    """Another teammate of the same workspace."""
    return cast.make_teammate(workspace=workspace, name="Omar Haddad", email="omar@acme.example")


@pytest.fixture
def stranger(db: None) -> User:
    """An admin of another workspace: must not find anything of ours."""
    other = cast.make_workspace(name="Initech")
    return cast.make_teammate(
        workspace=other, name="Bill Lumbergh", email="bill@initech.example", role=Role.ADMIN, is_staff=True
    )


@pytest.fixture
def account(workspace: Workspace, dana: User) -> Account:
    return cast.make_account(workspace=workspace, name="Globex", owner=dana)


@pytest.fixture
def channel(workspace: Workspace, account: Account, dana: User) -> Channel:
    return cast.make_channel(workspace=workspace, account=account, owner=dana, name="ext-globex")


@pytest.fixture
def contact(workspace: Workspace, account: Account) -> Contact:
    return cast.make_contact(workspace=workspace, account=account)
