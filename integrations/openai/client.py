"""The one place that calls the model. Any server that speaks OpenAI's chat completions will do."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from integrations.openai.questions import Question
from integrations.slack.client import is_direct

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

ANSWER_TOKENS: Final = 1_500
"""What an answer may cost at most, the thoughts of a reasoning model included."""
PASSING: Final = {408, 409, 425, 429}
"""Statuses below 500 after which another try may do better."""
LONGEST_PAUSE: Final = 900


class ModelError(Exception):
    """No answer. `permanent`: this question would fail again. `retry_after` in seconds, when the server says.

    The text is safe to keep: the server's own words, which may repeat a part of the key or of what was asked, are not
    in it.
    """

    def __init__(self, code: str, *, permanent: bool = False, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote, unchecked, and what it cost. Tokens are 0 where the server doesn't count them."""

    content: str
    tokens_in: int
    tokens_out: int
    milliseconds: int


def is_configured() -> bool:
    """A server of one's own may need no key."""
    return bool(settings.OPENAI_API_KEY or settings.OPENAI_BASE_URL) and settings.OPENAI_DAILY_TOKENS > 0


def address() -> str:
    return settings.OPENAI_BASE_URL or "https://api.openai.com/v1"


def ask(questions: Sequence[Question]) -> list[Completion | ModelError]:
    """Ask all of them at once; an answer or an error for each, within OPENAI_TIMEOUT."""
    return asyncio.run(_ask_all(questions))


async def _ask_all(questions: Sequence[Question]) -> list[Completion | ModelError]:
    async with _client() as client:
        return await asyncio.gather(*(_ask(client, question) for question in questions))


async def _ask(client: AsyncOpenAI, question: Question) -> Completion | ModelError:
    import openai  # noqa: PLC0415 - takes half a second, and most processes never ask

    began = time.monotonic()
    try:
        # The SDK's own limit is for each read: a server that trickles would hold us for ever.
        async with asyncio.timeout(settings.OPENAI_TIMEOUT):
            answer: ChatCompletion = await client.chat.completions.create(**_request(question))
            return _completion(answer, round(1000 * (time.monotonic() - began)))
    except TimeoutError:
        return ModelError(f"no answer within {settings.OPENAI_TIMEOUT} s")
    except openai.APIStatusError as error:
        status = error.status_code
        is_passing = status >= 500 or status in PASSING
        return ModelError(f"HTTP {status}", permanent=not is_passing, retry_after=_retry_after(error.response.headers))
    except (openai.APIError, json.JSONDecodeError, UnicodeDecodeError) as error:
        return ModelError(type(error).__name__)


def _client() -> AsyncOpenAI:
    import openai  # noqa: PLC0415 - as above

    return openai.AsyncOpenAI(
        api_key=settings.OPENAI_API_KEY or "none",
        base_url=address(),
        timeout=settings.OPENAI_TIMEOUT,
        max_retries=0,  # the row is tried again, where it can be seen
        http_client=openai.DefaultAsyncHttpxClient(
            follow_redirects=False,  # what customers wrote goes to the address that was set, and nowhere else
            trust_env=not is_direct(address()),
        ),
    )


def _request(question: Question) -> dict[str, Any]:
    # OpenAI's newer models refuse the old name; other servers may not know the new one.
    limit = "max_tokens" if settings.OPENAI_BASE_URL else "max_completion_tokens"
    return {
        "model": settings.OPENAI_MODEL,
        "messages": question.messages,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": question.name, "schema": question.schema, "strict": True},
        },
        limit: ANSWER_TOKENS,
    }


def _completion(answer: object, milliseconds: int) -> Completion:
    # Another server's answer: any part may be missing or of another kind. The SDK doesn't check.
    choices = getattr(answer, "choices", None)
    message = getattr(choices[0], "message", None) if isinstance(choices, list) and choices else None
    content = getattr(message, "content", None)
    usage = getattr(answer, "usage", None)
    tokens = [getattr(usage, name, 0) for name in ("prompt_tokens", "completion_tokens")]
    tokens_in, tokens_out = (count if isinstance(count, int) and count > 0 else 0 for count in tokens)
    return Completion(content if isinstance(content, str) else "", tokens_in, tokens_out, milliseconds)


def _retry_after(headers: Mapping[str, str]) -> int | None:
    wait = headers.get("retry-after", "")
    return min(int(wait), LONGEST_PAUSE) if wait.isdecimal() else None
