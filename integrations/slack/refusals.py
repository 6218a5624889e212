"""What Slack's error codes mean: which of them pass by themselves, and all that are usual in words.

Collected from the error tables on the methods' pages, https://docs.slack.dev/reference/methods.
"""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

PASSING = {
    "external_channel_migrating",
    "fatal_error",
    "fetch_members_failed",
    "internal_error",
    "message_limit_exceeded",
    "org_login_required",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "rollup_error",
    "service_unavailable",
    "streaming_state_conflict",
    "team_added_to_org",
    "update_failed",
}
"""Another try may not meet them. All others of Slack's are about the call itself: it would fail alike."""
TOO_MANY = {"ratelimited", "rate_limited"}

WORDS = {
    "paced": _("Waits for its turn: Slack limits how often it may be called."),
    "ratelimited": _("Slack asked us to wait."),
    "rate_limited": _("Slack asked us to wait."),
    "message_limit_exceeded": _("The Slack workspace sends too many messages at the moment."),
    "internal_error": _("Slack had a fault."),
    "fatal_error": _("Slack had a fault."),
    "update_failed": _("Slack had a fault."),
    "service_unavailable": _("Slack was not available."),
    "request_timeout": _("Slack did not take the request in time."),
    "team_added_to_org": _("The Slack workspace is being moved into an organization."),
    "org_login_required": _("The Slack workspace is being moved into an organization."),
    "external_channel_migrating": _("The channel is being moved."),
    "TimeoutError": _("Slack did not answer in time."),
    "ReadTimeout": _("Slack did not answer in time."),
    "ConnectTimeout": _("Slack could not be reached."),
    "ConnectError": _("Slack could not be reached."),
    "ConnectionRefusedError": _("Slack could not be reached."),
    "URLError": _("Slack could not be reached."),
    "channel_not_found": _("There is no such channel any more, or Pylon was never in it."),
    "not_in_channel": _("Pylon is not in the channel: invite it again."),
    "is_archived": _("The channel is archived."),
    "is_inactive": _("The channel is archived or frozen."),
    "message_not_found": _("The message is gone."),
    "thread_not_found": _("The thread is gone."),
    "cant_update_message": _("Slack lets nobody but its author change the message."),
    "cant_delete_message": _("Slack lets nobody but its author delete the message."),
    "edit_window_closed": _("The workspace no longer lets the message be changed."),
    "cannot_reply_to_message": _("This kind of message can’t have a thread."),
    "msg_too_long": _("The message is too long for Slack."),
    "msg_blocks_too_long": _("The message is too long for Slack."),
    "no_text": _("The message is empty."),
    "invalid_blocks": _("Slack does not accept the message’s layout."),
    "invalid_blocks_format": _("Slack does not accept the message’s layout."),
    "restricted_action": _("An administrator of the Slack workspace does not allow this."),
    "restricted_action_read_only_channel": _("The channel is read-only."),
    "restricted_action_thread_only_channel": _("In this channel only replies in threads are allowed."),
    "restricted_action_non_threadable_channel": _("In this channel there are no threads."),
    "restricted_action_thread_locked": _("The thread is locked."),
    "ekm_access_denied": _("An administrator of the Slack workspace has stopped messages to the channel."),
    "user_not_found": _("There is no such person any more."),
    "user_not_visible": _("Slack does not let Pylon see this person."),
    "user_disabled": _("The person’s account is deactivated."),
    "messages_tab_disabled": _("The app’s messages tab is switched off: this person can’t be written to."),
    "not_enabled": _("The app’s Home tab is switched off."),
    "expired_trigger_id": _("Too late: Slack lets a dialog open for three seconds after the click."),
    "exchanged_trigger_id": _("The dialog was opened already."),
    "view_too_large": _("The dialog or page is too large for Slack."),
    "hash_conflict": _("Somebody else changed the page at the same time."),
    "missing_scope": _("Pylon lacks a permission in Slack: install it again."),
    "invalid_auth": _("Slack no longer accepts Pylon’s token: install it again."),
    "not_authed": _("Pylon has no token for this Slack workspace: install it again."),
    "token_revoked": _("Pylon’s access was withdrawn: install it again."),
    "token_expired": _("Pylon’s token has expired: install it again."),
    "account_inactive": _("Pylon’s access was withdrawn: install it again."),
    "access_denied": _("Slack does not give Pylon access."),
    "not_allowed_token_type": _("Slack does not accept this kind of token here: install Pylon again."),
    "http_404": _("The address for answers is no longer valid: Slack takes answers for half an hour."),
    "http_410": _("The address for answers is no longer valid: Slack takes answers for half an hour."),
}


def in_words(code: str) -> str:
    """What people are shown: the code itself where it says enough, or nobody has put it into words yet."""
    return gettext(WORDS[code]) if code in WORDS else code
