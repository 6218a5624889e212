"""Files in Slack: what we keep of them, and fetching them, for which Slack wants our token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Self

import httpx
import structlog
from django.conf import settings

from integrations.models import Installation
from integrations.slack.client import TIMEOUT, SlackError, call, call_with_token, is_direct
from integrations.slack.rotation import token_of

log = structlog.get_logger(__name__)

ASKED = 20
"""Files of a batch that Slack is asked about; the others are looked up when somebody opens them."""
LARGEST = 100 * 1024 * 1024
"""Bytes that are passed on; Slack itself takes up to ten times as much."""
HOPS = 3
SLACKS = (".slack.com", ".slack-gov.com")


class FileError(Exception):
    """Why there is no file: `gone`, `refused`, `too_large` or `no_answer`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def described(file: Mapping[str, Any]) -> dict[str, object]:
    """What we keep of a file. In a shared channel Slack may tell its id alone: a stub, to be looked up.

    `url` and `thumb` open with our token only; `permalink` is for people.
    """
    size, name = file.get("size"), _text(file.get("name"))
    outside = bool(file.get("is_external"))
    kept: dict[str, object] = {
        "id": _text(file.get("id")),
        "name": (_text(file.get("title")) or name)[:200] or "File",
        "type": _text(file.get("mimetype"))[:200],
        "size": size if isinstance(size, int) else None,
        "permalink": _address(file.get("url_private" if outside else "permalink")),
    }
    found = {
        "filename": name[:200] if name != kept["name"] else "",
        "url": "" if outside else _address(file.get("url_private")),
        "thumb": "" if outside else _address(file.get("thumb_360")),
        "thumb_width": _pixels(file.get("thumb_360_w")),
        "thumb_height": _pixels(file.get("thumb_360_h")),
        "is_stub": file.get("file_access") == "check_file_info",
    }
    return kept | {key: value for key, value in found.items() if value}


def look_up(installation: Installation, file_id: str) -> dict[str, object]:
    """What Slack tells of a file. Raises SlackError."""
    file = call(installation, "files.info", file=file_id).get("file")
    return described(file if isinstance(file, dict) else {"id": file_id})


def complete(installation: Installation, files: Iterable[dict[str, object]]) -> None:
    """Look up the stubs among them, in place. Never within a transaction. What can't be read stays a stub."""
    for file in islice((file for file in files if file.get("is_stub")), ASKED):
        try:
            found = look_up(installation, str(file["id"]))
        except SlackError as error:
            log.warning("a file could not be looked up", file_id=file["id"], code=error.code)
            if not error.permanent:
                return
        else:
            file.clear()
            file.update(found)


class Download:
    """An open file. To be closed."""

    def __init__(self, client: httpx.Client, response: httpx.Response) -> None:
        self._client, self._response = client, response
        self.type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        self.size = None if "content-encoding" in response.headers else _size(response)

    @classmethod
    def open(cls, installation: Installation, address: str, *, is_page: bool = False) -> Self:
        """Ask Slack for it. `is_page`: whether HTML is what we expect, rather than Slack's page for signing in.

        Raises FileError. The token goes to Slack's own hosts alone, also where Slack leads elsewhere.
        """
        client = httpx.Client(timeout=TIMEOUT, trust_env=not is_direct(address))
        try:
            download = cls(client, _get(client, token_of(installation, call_with_token), address))
            if download.type == "text/html" and not is_page:
                raise FileError("refused")
            if (download.size or 0) > LARGEST:
                raise FileError("too_large")
        except (httpx.HTTPError, SlackError) as error:
            client.close()
            log.warning("a file could not be fetched", error=str(error) or type(error).__name__)
            raise FileError("no_answer") from error
        except FileError:
            client.close()
            raise
        return download

    def chunks(self) -> Iterator[bytes]:
        """Ends early with an error where it turns out larger than it may be, or Slack goes away."""
        passed = 0
        try:
            for chunk in self._response.iter_bytes(64 * 1024):
                passed += len(chunk)
                if passed > LARGEST:
                    raise FileError("too_large")
                yield chunk
        finally:
            self.close()

    def close(self) -> None:
        self._response.close()
        self._client.close()


def _get(client: httpx.Client, token: str, address: str) -> httpx.Response:
    """Redirects are followed as long as they stay with Slack."""
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    for _ in range(HOPS):
        if not is_slacks(address):
            raise FileError("refused")
        response = client.send(client.build_request("GET", address, headers=headers), stream=True)
        if response.next_request is None:
            break
        address = str(response.next_request.url)
        response.close()
    else:
        raise FileError("refused")
    if response.status_code in {404, 410}:
        raise FileError("gone")
    if response.status_code >= 400:
        raise FileError("refused" if response.status_code < 500 and response.status_code != 429 else "no_answer")
    return response


def is_slacks(address: str) -> bool:
    """Slack's own host over https, or the server that stands in for Slack."""
    try:
        url, api = httpx.URL(address), httpx.URL(settings.SLACK_API_URL)
    except httpx.InvalidURL:
        return False
    if url.userinfo:
        return False
    if (url.scheme, url.host, url.port) == (api.scheme, api.host, api.port):
        return True
    return url.scheme == "https" and url.port is None and url.host.endswith(SLACKS)


def _size(response: httpx.Response) -> int | None:
    length = response.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None


def _address(value: object) -> str:
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""


def _pixels(value: object) -> int:
    return value if isinstance(value, int) and 0 < value <= 360 else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
