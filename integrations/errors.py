"""How a send to another system fails."""

from __future__ import annotations


class SendError(Exception):
    """A call that failed. `code`: the other system's word for it, or a sentence. `permanent`: another try would fail
    alike. `retry_after` in seconds, when the other system says."""

    def __init__(self, code: str, *, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after
