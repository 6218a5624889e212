"""`{% load time_zones %}`: what a field for a time zone offers."""

from __future__ import annotations

from django import template

from accounts import time_zones

register = template.Library()
register.simple_tag(time_zones.offered, name="offered_time_zones")
