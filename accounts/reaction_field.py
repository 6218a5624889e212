"""Which emoji does what, as people write it: one line for each, `white_check_mark: close`."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from accounts.models import ReactionAction

NAME = re.compile(r":?([a-z0-9_+'-]{1,100}):?")
"""Slack's name of an emoji, with or without its colons."""
MOST = 50


class ReactionsField(forms.CharField):
    """Cleans to a dict: by the emoji's name, a ReactionAction."""

    widget = forms.Textarea(attrs={"class": "textarea", "rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{name}: {action}" for name, action in value.items()) if isinstance(value, dict) else value

    def clean(self, value: Any) -> dict[str, str]:
        text: str = super().clean(value)
        chosen = dict(_read(line) for line in text.splitlines() if line.strip())
        if len(chosen) > MOST:
            raise ValidationError(gettext("At most %(most)s emoji.") % {"most": MOST})
        return chosen


def _read(line: str) -> tuple[str, str]:
    name, _, action = line.strip().lower().rpartition(":")
    found, action = NAME.fullmatch(name.strip()), action.strip()
    if not found or action not in ReactionAction.values:
        actions = ", ".join(ReactionAction.values)
        raise ValidationError(
            gettext("“%(line)s”: write an emoji’s name and one of %(actions)s, as eyes: start.")
            % {"line": line.strip()[:60], "actions": actions}
        )
    return found[1], action
