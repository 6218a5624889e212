"""The manifest from which Slack makes an app: with it nobody types a scope or an address. Pure.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

CALLBACK, EVENTS, CLICKS, COMMANDS = "/slack/oauth/callback", "/slack/events", "/slack/interactivity", "/slack/commands"
SIGN_IN_CALLBACK = "/sign-in/slack/callback"
SIGN_IN_SCOPES = ("openid", "email", "profile")
"""What a teammate who signs in with Slack is asked for."""

BOT_SCOPES = {
    "channels:history": _("read what is written in public channels it is in"),
    "channels:join": _("join public customer channels by their name"),
    "channels:read": _("see public channels, their names and members"),
    "chat:write": _("post to the triage channel, and replies to customers"),
    "chat:write.customize": _("reply to customers in a teammate’s name and with their picture"),
    "commands": _("offer /pylon and the message shortcuts"),
    "files:read": _("show the files that customers send"),
    "groups:history": _("read what is written in private channels it is in"),
    "groups:read": _("see private channels it is in, their names and members"),
    "im:write": _("tell a teammate something in a direct message"),
    "reactions:read": _("act on a teammate’s emoji on a message"),
    "team:read": _("know the workspace’s name and domain"),
    "users:read": _("know who is a teammate and who a customer"),
    "users:read.email": _("match customers with their company by e-mail domain"),
}
"""What the bot may do, and what it lacks without."""

BOT_EVENTS = {
    "message.channels": _("messages in public channels"),
    "message.groups": _("messages in private channels"),
    "member_joined_channel": _("somebody, or Pylon, is added to a channel"),
    "member_left_channel": _("somebody, or Pylon, leaves a channel"),
    "reaction_added": _("an emoji is put on a message"),
    "reaction_removed": _("an emoji is taken away"),
    "user_change": _("somebody’s name or address changes"),
    "app_home_opened": _("somebody opens Pylon’s Home tab"),
    "channel_created": _("a public channel is made"),
    "channel_rename": _("a public channel is renamed"),
    "channel_archive": _("a public channel is archived"),
    "channel_unarchive": _("a public channel is brought back"),
    "channel_deleted": _("a public channel is deleted"),
    "channel_left": _("Pylon is removed from a public channel"),
    "group_rename": _("a private channel is renamed"),
    "group_archive": _("a private channel is archived"),
    "group_unarchive": _("a private channel is brought back"),
    "group_deleted": _("a private channel is deleted"),
    "group_left": _("Pylon is removed from a private channel"),
    "channel_shared": _("a channel is shared with a company"),
    "channel_unshared": _("a channel is no longer shared with a company"),
    "channel_id_changed": _("Slack gives a channel another id"),
    "app_uninstalled": _("Pylon is removed from the workspace"),
    "tokens_revoked": _("Pylon’s access is withdrawn"),
}
"""What Slack tells us of, in words."""

SHORTCUTS = {
    "add_to_conversation": ("Add to conversation", "Put this message into an open conversation"),
    "start_conversation": ("Start a conversation", "Open a conversation with this message"),
    "link_internal_thread": ("Link internal thread", "Keep this thread with a conversation, for the team only"),
}
"""By callback id: name, at most 24 characters, and description."""


def manifest(base_url: str, *, socket_mode: bool = False, rotates: bool = False) -> dict[str, Any]:
    """`base_url` without a slash at its end. In Socket Mode Slack needs no address of ours, save for installing.

    `rotates`: tokens that expire. Slack does not let an app go back to others.
    """
    return {
        "display_information": {
            "name": "Pylon",
            "description": "Keeps track of conversations with customers in shared channels",
            "background_color": "#4b4fd4",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Pylon", "always_online": True},
            "shortcuts": [
                {"name": name, "type": "message", "callback_id": callback_id, "description": description}
                for callback_id, (name, description) in SHORTCUTS.items()
            ],
            "slash_commands": [
                {
                    "command": "/pylon",
                    "description": "Your conversations with customers",
                    "usage_hint": "help | mine | find words | close number | assign number @teammate",
                    "should_escape": True,
                    **({} if socket_mode else {"url": f"{base_url}{COMMANDS}"}),
                }
            ],
        },
        "oauth_config": {
            **_redirect_urls(base_url),
            "scopes": {"bot": sorted(BOT_SCOPES), "user": sorted(SIGN_IN_SCOPES)},
        },
        "settings": {
            "event_subscriptions": {
                **_request_url(base_url, EVENTS, socket_mode=socket_mode),
                "bot_events": sorted(BOT_EVENTS),
            },
            "interactivity": {"is_enabled": True, **_request_url(base_url, CLICKS, socket_mode=socket_mode)},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": rotates,
        },
    }


def prefers_socket_mode(base_url: str) -> bool:
    """Slack reaches public https addresses only."""
    return not base_url.startswith("https://")


def _redirect_urls(base_url: str) -> dict[str, list[str]]:
    """Slack takes https addresses only."""
    ways_back = [f"{base_url}{path}" for path in (CALLBACK, SIGN_IN_CALLBACK)]
    return {"redirect_urls": ways_back} if base_url.startswith("https://") else {}


def _request_url(base_url: str, path: str, *, socket_mode: bool) -> dict[str, str]:
    return {} if socket_mode else {"request_url": f"{base_url}{path}"}
