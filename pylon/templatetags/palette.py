from __future__ import annotations

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from accounts.models import User
from pylon import palette

register = template.Library()


@register.simple_tag
def palette_pages(user: User) -> SafeString:
    """What the command palette leads to, for its script."""
    return json_script(palette.pages(user), "palette-pages")
