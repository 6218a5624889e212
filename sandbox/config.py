"""What the command line decides."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Config:
    """Where the sandbox listens, where it keeps its data, and where the app under test listens."""

    host: str
    port: int
    home: Path
    events_url: str
    interactivity_url: str
    commands_url: str
    speed: float = 1.0
    """Retry gaps are divided by this, so that tests need not wait minutes."""
    answer_timeout_seconds: float = 3.0
    """How long the app may take to answer a request; Slack allows three seconds."""

    @property
    def base_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def database(self) -> Path:
        return self.home / "sandbox.sqlite3"
