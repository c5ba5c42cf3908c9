"""A stranger's client in Python: knows an address and a key, learns the rest by reflection.

Usage: check.py ADDRESS KEY

Exits with 0 and one line per check if the server keeps its contract.
"""

import math
import sys
import threading

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

MODERATION = "moderato.v1.ModerationService"
HEALTH = "grpc.health.v1.Health"
HEAD_SPAM, HEAD_TOXICITY = 1, 2
EVIDENCE_KIND_WORD = 2
PATIENCE = 20.0
DEADLINE = 0.5
AUTHOR = {"name": "Ayesha Khan", "email": "ayesha@example.org"}
CIVIL = {**AUTHOR, "text": "Thank you for this report. The minister should answer the question."}
SPAM = {
    **AUTHOR,
    "text": "FREE casino bonus!!! Earn $5000 a week from home, click here now: "
    "http://win-casino-bonus.example/free http://cheap-pills.example WhatsApp +1 202 555 0100",
}
FAULTY = {"name": "", "email": "not an address", "text": " \u200b "}


class Server:
    """The services of one server, as it describes them itself."""

    def __init__(self, address: str, key: str):
        self.channel = grpc.insecure_channel(address)
        self.metadata = [("authorization", f"Bearer {key}")]
        self.reflection = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.reflection)

    def method(self, service: str, name: str):
        """The method's descriptor and a callable that takes and gives messages."""
        method = self.pool.FindServiceByName(service).FindMethodByName(name)
        kind = "stream_stream" if method.client_streaming else "unary_unary"
        call = getattr(self.channel, kind)(
            f"/{service}/{name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        return GetMessageClass(method.input_type), call

    def check(self, submission: dict, **options):
        request, call = self.method(MODERATION, "CheckComment")
        options = {"timeout": PATIENCE, "metadata": self.metadata, **options}
        return call(request(submission=submission), **options).verdict

    def code_of_failure(self, submission: dict, **options) -> grpc.StatusCode:
        try:
            self.check(submission, **options)
        except grpc.RpcError as error:
            return error.code()
        raise AssertionError("expected the call to fail")


def decision(verdict) -> str:
    number = verdict.DESCRIPTOR.fields_by_name["decision"].enum_type.values_by_number
    return number[verdict.decision].name


def codes(verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


def reflection_lists_the_services(server: Server) -> None:
    services = set(server.reflection.get_services())
    assert {MODERATION, HEALTH} <= services, services


def health_says_serving(server: Server) -> None:
    request, call = server.method(HEALTH, "Check")
    for service in ["", MODERATION]:
        answer = call(request(service=service), timeout=PATIENCE)
        assert answer.status == 1, f"{service!r}: {answer.status}"


def a_civil_comment_is_approved(server: Server) -> None:
    verdict = server.check(CIVIL)
    assert decision(verdict) == "DECISION_APPROVE", verdict
    assert 0 < verdict.scores.spam < 0.5 and 0 < verdict.scores.toxicity < 0.5, verdict.scores
    assert verdict.model.startswith("m-") and not verdict.degraded, verdict


def spam_is_not_approved_and_says_why(server: Server) -> None:
    verdict = server.check(SPAM)
    assert decision(verdict) in ("DECISION_HOLD", "DECISION_REJECT"), verdict
    assert "SPAM_SCORE" in codes(verdict), codes(verdict)
    text = SPAM["text"].encode()
    words = [piece for piece in verdict.evidence if piece.kind == EVIDENCE_KIND_WORD]
    assert words, verdict.evidence
    for word in words:
        assert text[word.span.start : word.span.end].decode().lower() == word.token, word


def evidence_adds_up_to_the_score(server: Server) -> None:
    verdict = server.check(CIVIL)
    for head, score in [(HEAD_SPAM, verdict.scores.spam), (HEAD_TOXICITY, verdict.scores.toxicity)]:
        log_odds = sum(piece.log_odds for piece in verdict.evidence if piece.head == head)
        assert math.isclose(log_odds, math.log(score / (1 - score)), rel_tol=1e-6), (head, log_odds)


def all_faults_come_at_once(server: Server) -> None:
    verdict = server.check(FAULTY)
    assert decision(verdict) == "DECISION_REJECT", verdict
    faults = [(reason.field, reason.code) for reason in verdict.reasons]
    expected = [("name", "NAME_REQUIRED"), ("email", "EMAIL_INVALID"), ("text", "TEXT_REQUIRED")]
    assert faults == expected, faults
    assert not verdict.HasField("scores"), verdict


def a_retry_gets_the_same_verdict(server: Server) -> None:
    submission = {**CIVIL, "submission_id": "python-1"}
    assert server.check(submission) == server.check(submission)
    other = {**SPAM, "submission_id": "python-1"}
    assert server.code_of_failure(other) == grpc.StatusCode.ALREADY_EXISTS


def a_stream_answers_in_order(server: Server) -> None:
    request, call = server.method(MODERATION, "CheckComments")
    requests = [request(submission=submission) for submission in (CIVIL, SPAM, FAULTY)]
    answers = list(call(iter(requests), timeout=PATIENCE, metadata=server.metadata))
    assert [answer.index for answer in answers] == [0, 1, 2], answers
    decisions = [decision(answer.verdict) for answer in answers]
    assert decisions[0] == "DECISION_APPROVE", decisions
    assert "SPAM_SCORE" in codes(answers[1].verdict), answers[1]
    assert "NAME_REQUIRED" in codes(answers[2].verdict), answers[2]


def a_call_ends_at_its_deadline(server: Server) -> None:
    request, call = server.method(MODERATION, "CheckComments")
    never = threading.Event()

    def open_ended():
        yield request(submission=CIVIL)
        never.wait()

    try:
        list(call(open_ended(), timeout=DEADLINE, metadata=server.metadata))
        raise AssertionError("expected the call to fail")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
    finally:
        never.set()


def a_call_needs_a_key_that_a_site_has(server: Server) -> None:
    for metadata in [[], [("authorization", "Bearer wrong")]]:
        code = server.code_of_failure(CIVIL, metadata=metadata)
        assert code == grpc.StatusCode.UNAUTHENTICATED, code


CHECKS = [
    reflection_lists_the_services,
    health_says_serving,
    a_civil_comment_is_approved,
    spam_is_not_approved_and_says_why,
    evidence_adds_up_to_the_score,
    all_faults_come_at_once,
    a_retry_gets_the_same_verdict,
    a_stream_answers_in_order,
    a_call_ends_at_its_deadline,
    a_call_needs_a_key_that_a_site_has,
]


def main() -> None:
    server = Server(*sys.argv[1:3])
    for check in CHECKS:
        check(server)
        print(f"ok: {check.__name__}")


if __name__ == "__main__":
    main()
