"""`{% load targets %}`: response targets, and why an answer is due when it is."""

from __future__ import annotations

from django import template

from triage import target_words
from triage.models import ResponseTarget

register = template.Library()
register.filter("lasting", target_words.lasting)


@register.filter
def whom(target: ResponseTarget) -> str:
    """`{{ target|whom }}`: "Enterprise, Urgent" """
    return target_words.whom(target.tier, target.priority)
