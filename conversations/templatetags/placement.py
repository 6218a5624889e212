"""`{% load placement %}`: why a message is where it is."""

from __future__ import annotations

from django import template

from conversations import placement

register = template.Library()
register.filter("placed_by", placement.rule)
register.filter("placed_because", placement.because)
register.filter("certainty", placement.certainty)
register.filter("why_not", placement.why_not)
