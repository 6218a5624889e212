"""`{% load trouble %}`: what went wrong, in the reader's language."""

from __future__ import annotations

from django import template

from integrations.trouble import TROUBLE

register = template.Library()


@register.filter
def trouble(text: str) -> str:
    """`{{ reply.error|trouble }}`"""
    return TROUBLE.told(text)
