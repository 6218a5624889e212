"""What a browser says of itself, in a few words. Pure."""

from __future__ import annotations

BROWSERS = {
    "Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "HeadlessChrome": "Chrome", "Chrome": "Chrome",
    "Safari": "Safari",
}  # fmt: skip
"""By what only they say; those that call themselves by others' names as well come first."""
SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS X": "macOS",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


def device(user_agent: str) -> str:
    """As "Firefox, Linux"; what can't be told is left out."""
    browser = next((name for word, name in BROWSERS.items() if f"{word}/" in user_agent), "")
    system = next((name for word, name in SYSTEMS.items() if word in user_agent), "")
    return ", ".join(filter(None, (browser, system))) or user_agent[:40]
