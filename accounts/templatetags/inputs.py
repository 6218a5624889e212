"""`{% load inputs %}`: fields of forms that others wrote, in our looks."""

from __future__ import annotations

from django import template
from django.forms import BoundField, CheckboxInput
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def styled(field: BoundField) -> SafeString:
    """`{{ field|styled }}`"""
    return field.as_widget(attrs={} if isinstance(field.field.widget, CheckboxInput) else {"class": "input"})
