"""What Slack's error codes mean: which of them pass by themselves, and all that are usual in words.

Collected from the error tables on the methods' pages, https://docs.slack.dev/reference/methods.
"""

from __future__ import annotations

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
    "paced": "Waits for its turn: Slack limits how often it may be called.",
    "ratelimited": "Slack asked us to wait.",
    "rate_limited": "Slack asked us to wait.",
    "message_limit_exceeded": "The Slack workspace sends too many messages at the moment.",
    "internal_error": "Slack had a fault.",
    "fatal_error": "Slack had a fault.",
    "update_failed": "Slack had a fault.",
    "service_unavailable": "Slack was not available.",
    "request_timeout": "Slack did not take the request in time.",
    "team_added_to_org": "The Slack workspace is being moved into an organization.",
    "org_login_required": "The Slack workspace is being moved into an organization.",
    "external_channel_migrating": "The channel is being moved.",
    "TimeoutError": "Slack did not answer in time.",
    "ReadTimeout": "Slack did not answer in time.",
    "ConnectTimeout": "Slack could not be reached.",
    "ConnectError": "Slack could not be reached.",
    "ConnectionRefusedError": "Slack could not be reached.",
    "URLError": "Slack could not be reached.",
    "channel_not_found": "There is no such channel any more, or Pylon was never in it.",
    "not_in_channel": "Pylon is not in the channel: invite it again.",
    "is_archived": "The channel is archived.",
    "is_inactive": "The channel is archived or frozen.",
    "message_not_found": "The message is gone.",
    "thread_not_found": "The thread is gone.",
    "cant_update_message": "Slack lets nobody but its author change the message.",
    "cant_delete_message": "Slack lets nobody but its author delete the message.",
    "edit_window_closed": "The workspace no longer lets the message be changed.",
    "cannot_reply_to_message": "This kind of message can’t have a thread.",
    "msg_too_long": "The message is too long for Slack.",
    "msg_blocks_too_long": "The message is too long for Slack.",
    "no_text": "The message is empty.",
    "invalid_blocks": "Slack does not accept the message’s layout.",
    "invalid_blocks_format": "Slack does not accept the message’s layout.",
    "restricted_action": "An administrator of the Slack workspace does not allow this.",
    "restricted_action_read_only_channel": "The channel is read-only.",
    "restricted_action_thread_only_channel": "In this channel only replies in threads are allowed.",
    "restricted_action_non_threadable_channel": "In this channel there are no threads.",
    "restricted_action_thread_locked": "The thread is locked.",
    "ekm_access_denied": "An administrator of the Slack workspace has stopped messages to the channel.",
    "user_not_found": "There is no such person any more.",
    "user_not_visible": "Slack does not let Pylon see this person.",
    "user_disabled": "The person’s account is deactivated.",
    "messages_tab_disabled": "The app’s messages tab is switched off: this person can’t be written to.",
    "not_enabled": "The app’s Home tab is switched off.",
    "expired_trigger_id": "Too late: Slack lets a dialog open for three seconds after the click.",
    "exchanged_trigger_id": "The dialog was opened already.",
    "view_too_large": "The dialog or page is too large for Slack.",
    "hash_conflict": "Somebody else changed the page at the same time.",
    "missing_scope": "Pylon lacks a permission in Slack: install it again.",
    "invalid_auth": "Slack no longer accepts Pylon’s token: install it again.",
    "not_authed": "Pylon has no token for this Slack workspace: install it again.",
    "token_revoked": "Pylon’s access was withdrawn: install it again.",
    "token_expired": "Pylon’s token has expired: install it again.",
    "account_inactive": "Pylon’s access was withdrawn: install it again.",
    "access_denied": "Slack does not give Pylon access.",
    "not_allowed_token_type": "Slack does not accept this kind of token here: install Pylon again.",
    "http_404": "The address for answers is no longer valid: Slack takes answers for half an hour.",
    "http_410": "The address for answers is no longer valid: Slack takes answers for half an hour.",
}


def in_words(code: str) -> str:
    """What people are shown: the code itself where it says enough, or nobody has put it into words yet."""
    return WORDS.get(code, code)
