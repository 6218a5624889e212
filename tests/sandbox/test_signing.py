from __future__ import annotations

from slack_sdk.signature import SignatureVerifier

from sandbox.signing import sign
from tests.sandbox.listener import Json, Listener
from tests.sandbox_process import SandboxProcess


def test_slacks_own_example(signing_vector: Json) -> None:
    timestamp, body = signing_vector["X-Slack-Request-Timestamp"], signing_vector["body"].encode()
    assert sign(signing_vector["signing_secret"], timestamp, body) == signing_vector["X-Slack-Signature"]


def test_the_sdk_accepts_what_is_sent(sandbox: SandboxProcess, listener: Listener, globex: str) -> None:
    sandbox.post_message(globex, "mia.tanaka", "Grüße, 你好 & <@U0DANA0001>")
    request = listener.wait_for(1)[0]
    verifier = SignatureVerifier(sandbox.signing_secret)
    assert verifier.is_valid_request(request.body, request.headers)
    assert not verifier.is_valid_request(request.body + b" ", request.headers)
