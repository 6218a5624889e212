"""One call, whatever the server does with it."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from integrations.openai.client import Completion, ModelError, ask, is_configured
from integrations.openai.questions import Question, ask_reading
from tests.integrations.openai.model_server import ModelServer

QUESTION = ask_reading("Done, close all conversations", [("customer", "Please")])


def one(question: Question = QUESTION) -> Completion | ModelError:
    return ask([question])[0]


def test_a_question_goes_out_with_its_schema_and_comes_back(model: ModelServer, settings: Settings) -> None:
    settings.OPENAI_API_KEY = "sk-of-ours"

    first, second = ask([QUESTION, QUESTION])

    assert isinstance(first, Completion)
    assert QUESTION.read(first.content)["reply"] == "concludes"
    assert (first.tokens_in, first.tokens_out) == (700, 30)
    assert isinstance(second, Completion)
    request = model.requests[0]
    assert request["model"] == "stand-in"
    assert request["max_tokens"] > 0
    assert request["response_format"]["json_schema"]["strict"] is True
    assert request["response_format"]["json_schema"]["schema"] == QUESTION.schema
    assert model.keys == ["Bearer sk-of-ours"] * 2


def test_a_server_of_ones_own_needs_no_key(model: ModelServer) -> None:
    assert is_configured()
    assert isinstance(one(), Completion)


def test_without_key_and_address_nothing_is_asked(settings: Settings) -> None:
    assert not is_configured()
    settings.OPENAI_API_KEY = "sk-of-ours"
    assert is_configured()
    settings.OPENAI_DAILY_TOKENS = 0
    assert not is_configured()


@pytest.mark.parametrize(
    ("fault", "error", "permanent"),
    [
        (400, "HTTP 400", True),
        (401, "HTTP 401", True),
        (307, "HTTP 307", True),
        (429, "HTTP 429", False),
        (500, "HTTP 500", False),
        (503, "HTTP 503", False),
        ("hang up", "APIConnectionError", False),
    ],
)
def test_a_fault_is_an_error_that_repeats_nothing(
    model: ModelServer, fault: int | str, error: str, permanent: bool
) -> None:
    model.fault = fault
    model.headers = {"Location": "http://127.0.0.1:9/elsewhere", "Retry-After": "7"}

    answer = one()

    assert isinstance(answer, ModelError)
    assert (str(answer), answer.permanent) == (error, permanent)
    assert answer.retry_after == (7 if isinstance(fault, int) else None)
    assert len(model.requests) == 1


@pytest.mark.parametrize("fault", ["slow", "trickle"])
def test_no_answer_is_waited_for_longer_than_the_limit(model: ModelServer, settings: Settings, fault: str) -> None:
    settings.OPENAI_TIMEOUT = 1
    model.fault = fault

    assert str(one()) == "no answer within 1 s"


def test_an_answer_of_another_shape_is_an_empty_one(model: ModelServer) -> None:
    model.fault = "hollow"
    answer = one()
    assert isinstance(answer, Completion)
    assert (answer.content, answer.tokens_in, answer.tokens_out) == ("", 0, 0)


def test_a_page_in_the_answers_place_is_an_error(model: ModelServer) -> None:
    model.fault = "garbage"
    assert str(one()) == "JSONDecodeError"
