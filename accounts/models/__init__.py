"""Who we serve and who we are. Every row belongs to one Workspace; ids given by Slack are `external_id`."""

from accounts.models.account import Account, AccountImport, AccountMerge, Contact
from accounts.models.channel import Channel, ChannelKind, Side, SideOverride
from accounts.models.user import Invitation, Role, User, UserManager
from accounts.models.workspace import AppPosts, Grouping, ReactionAction, Workspace, default_reactions

__all__ = [
    "Account",
    "AccountImport",
    "AccountMerge",
    "AppPosts",
    "Channel",
    "ChannelKind",
    "Contact",
    "Grouping",
    "Invitation",
    "ReactionAction",
    "Role",
    "Side",
    "SideOverride",
    "User",
    "UserManager",
    "Workspace",
    "default_reactions",
]
