"""Reading replies: what concludes, what goes on, what a customer's thanks must not reopen."""

import json
import time

import pytest

from conversations.replies import NUMBERS, ReplyKind, Turn, classify_reply, is_pleasantry

CONTINUING = [
    "Looking into this now",
    "Let me check with the team and get back to you.",
    "lemme check something",
    "Could you share the request ID?",
    "Hmm, not sure. One moment please",
    "Thanks for reporting, I've created a ticket for our engineers.",
    "It's not fixed yet, we're still working on it",
    "Hey, how can I help?",
    "hi <@U0CUSTOMER>",
    "👀",
    ":eyes: on it",
    "Ich schaue mir das an und melde mich",
    "Können Sie uns bitte die Rechnungsnummer schicken?",
    "Estamos revisando el problema, te aviso",
    "¿Me puedes enviar una captura?",
    "Je regarde et je reviens vers vous",
    "Vou verificar e te aviso",
    "確認しますので、少々お待ちください",
    "スクリーンショットを送っていただけますか？",
]
CONCLUDING = [
    "This is fixed now, please refresh the page.",
    "Done",
    "Yes, that's supported. You can turn it on in your account settings.",
    "You're welcome!",
    "Unfortunately that is not possible on your plan.",
    "Deployed, it works now. Let me know if you have any questions!",
    "It's by design: the numbers are refreshed every 24 hours. Does that help?",
    ":white_check_mark:",
    "Das ist jetzt behoben",
    "Gern geschehen!",
    "Ya está solucionado, puedes volver a probar",
    "C'est corrigé, vous pouvez réessayer",
    "Foi corrigido, já funciona",
    "修正しました。ご確認ください。",
]
PLEASANTRIES = [
    "thanks!",
    "Thank you so much :pray:",
    "👍",
    ":+1::skin-tone-3:",
    "sounds good",
    "perfect, works now, thank you",
    "thanks <@U0STAFF>!",
    "ok, will try that",
    "Danke, funktioniert jetzt!",
    "muchas gracias por la ayuda",
    "merci beaucoup pour votre aide",
    "muito obrigado!",
    "ありがとうございます",
    "Thanks Omar",
    "Found them, thank you!",
    "Great, that answers it.",
    "All green again. Thanks for the quick help!",
]
SUBSTANCE = [
    "thanks, but it still fails",
    "thanks! One more question",
    "perfect. And how do I export it?",
    "ok the webhook returns 500",
    "yes",
    "no",
    "1234",
    "danke, aber der Fehler ist noch da",
    "gracias pero no funciona",
    "merci, mais ça ne marche pas",
    "obrigado, mas ainda não funciona",
    "ありがとうございます。でもまだエラーが出ます",
    ":warning:",
    "thanks `ECONNREFUSED`",
    "thanks, see https://status.example/1",
    "thanks ???",
    "",
]


@pytest.mark.parametrize("text", CONTINUING)
def test_a_reply_that_owes_or_asks_something_continues(text: str) -> None:
    assert classify_reply(text).kind is ReplyKind.CONTINUES


@pytest.mark.parametrize("text", CONCLUDING)
def test_a_reply_that_leaves_nothing_owed_concludes(text: str) -> None:
    assert classify_reply(text).kind is ReplyKind.CONCLUDES


@pytest.mark.parametrize(
    "text", ["", "   ", "😂", "https://docs.example/a?b=c", "```let me check```", "> Looking into it"]
)
def test_no_words_of_ours_say_nothing_about_the_matter(text: str) -> None:
    assert classify_reply(text).kind is ReplyKind.UNRELATED


def test_one_promise_outweighs_a_finished_part() -> None:
    verdict = classify_reply("The export is fixed. For the invoice, let me check with finance and get back to you.")

    assert verdict.kind is ReplyKind.CONTINUES


def test_the_evidence_points_at_the_words() -> None:
    text = "Sure thing &amp; hello <@U123>: let me check the logs"

    verdict = classify_reply(text)

    assert "let me check" in [text[start:end] for start, end in verdict.evidence]
    assert verdict.reason == "says “let me check”"


def test_a_question_back_is_named() -> None:
    verdict = classify_reply("Right. Is staging affected as well?")

    assert verdict.reason == "asks something back"
    assert verdict.evidence == ((7, 35),)


def test_a_question_inside_a_link_or_code_is_none() -> None:
    assert classify_reply("You can read it here: <https://docs.example/?q=1|the docs>").kind is ReplyKind.CONCLUDES
    assert classify_reply("Fixed in the query `SELECT ?`").kind is ReplyKind.CONCLUDES


def test_context_is_accepted() -> None:
    turns = [Turn("customer", "Is there a sandbox?"), Turn("staff", "Yes")]

    assert classify_reply("You can turn it on in the settings.", turns).kind is ReplyKind.CONCLUDES


def test_unseen_replies_are_mostly_read_right() -> None:
    lines = NUMBERS.with_name("replies_held_out.jsonl").read_text(encoding="utf-8").splitlines()
    replies = [(reply["text"], reply["label"] == "closed") for reply in map(json.loads, lines)]

    wrong = [text for text, closes in replies if (classify_reply(text).kind is ReplyKind.CONCLUDES) != closes]

    assert len(wrong) <= len(replies) * 0.16, wrong


@pytest.mark.parametrize("text", PLEASANTRIES)
def test_thanks_and_agreement_are_pleasantries(text: str) -> None:
    assert is_pleasantry(text)


@pytest.mark.parametrize("text", SUBSTANCE)
def test_anything_more_is_not(text: str) -> None:
    assert not is_pleasantry(text)


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "let me " * 150_000, "`" * 1_000_000, "?" * 1_000_000, ":" * 1_000_000, "<https://" * 100_000,
     "&gt;\n" * 200_000, "確認します" * 200_000, ".!?" * 300_000, "\x00\ud800" * 1000],
)  # fmt: skip
def test_a_megabyte_is_cut_not_chewed(text: str) -> None:
    # CPU time of this process, so a busy machine doesn't matter; unbounded reading takes seconds.
    started = time.process_time()

    classify_reply(text)
    is_pleasantry(text)

    assert time.process_time() - started < 1
