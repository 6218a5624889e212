"""`{% load replies %}`: a reply's text as the customer will read it."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from integrations.slack.reply_text import shown

register = template.Library()


@register.filter
def as_sent(text: str) -> SafeString:
    """`{{ reply.text|as_sent }}`: with the marks that Slack makes of it."""
    plain, html = shown(text)
    return mark_safe(html) if html else escape(plain)  # noqa: S308 - made safe where it is written
