"""How a call to a support tool fails. What the message says is read by people: a sentence, without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations.errors import SendError

if TYPE_CHECKING:
    from integrations.tools.protocol import File


class ToolError(SendError):
    """`permanent`: another try would fail alike, so the link stops. Otherwise it is tried again, after
    `retry_after` seconds where the tool says so."""


class Unreachable(ToolError):  # noqa: N818 - it reads as what happened
    """The tool does not answer, or asks to wait: nothing is sent to it for a while, of whatever link."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message, permanent=False, retry_after=retry_after)


class Unauthorised(ToolError):  # noqa: N818 - it reads as what happened
    """The tool does not take the credentials: the installation stops until somebody connects it again."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class Gone(ToolError):  # noqa: N818 - it reads as what happened
    """There is no such ticket or comment any more."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class Unsupported(ToolError):  # noqa: N818 - it reads as what happened
    """The tool can't do this at all; what was to be said is said in another way."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class FileRefused(ToolError):  # noqa: N818 - it reads as what happened
    """The tool does not take a file: nothing was said yet, and it is said without. `reason`: what follows “because”."""

    def __init__(self, file: File, reason: str) -> None:
        super().__init__(reason, permanent=True)
        self.file = file
        self.reason = reason.rstrip(".")


class Refused(Exception):  # noqa: N818 - it is what happens to the request
    """A webhook that is not taken. `status`: of the HTTP answer."""

    def __init__(self, reason: str, *, status: int = 401) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def refusal(file: File, error: ToolError) -> ToolError:
    """Of an upload's error: that the tool refuses the file, where it has to do with the file."""
    is_of_file = error.permanent and not isinstance(error, Unauthorised)
    return FileRefused(file, str(error)) if is_of_file else error
