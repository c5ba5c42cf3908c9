"""A moderator's own tool in Python: knows an address and two credentials, learns the rest by reflection.

Usage: review.py ADDRESS KEY TOKEN

KEY is a site's, TOKEN a moderator's. The server holds whatever has the word `holdme` in it. Exits with
0 and one line per check if the server keeps its contract.
"""

import sys

import grpc
from check import AUTHOR, PATIENCE, Server

REVIEW = "moderato.v1.ReviewService"
DECISION_APPROVE, DECISION_HOLD, DECISION_REJECT = 1, 2, 3


class Tool(Server):
    """The review as a moderator with `token` calls it; the site's calls go by its key."""

    def __init__(self, address: str, key: str, token: str):
        super().__init__(address, key)
        self.token = [("authorization", f"Bearer {token}")]

    def review(self, method: str, /, metadata=None, **fields):
        request, call = self.method(REVIEW, method)
        return call(request(**fields), timeout=PATIENCE, metadata=metadata or self.token)

    def hold(self, text: str) -> str:
        verdict = self.check({**AUTHOR, "text": f"{text}, holdme."})
        assert verdict.decision == DECISION_HOLD, verdict
        return verdict.comment


def reflection_lists_the_review(tool: Tool) -> None:
    assert REVIEW in tool.reflection.get_services()
    methods = {method.name for method in tool.pool.FindServiceByName(REVIEW).methods}
    assert {"ListHeldComments", "GetHeldComment", "ClaimComments", "ResolveComments"} <= methods, methods


def what_is_held_is_listed_claimed_and_decided_on(tool: Tool) -> None:
    name = tool.hold("The road past the school was mended")
    page = tool.review("ListHeldComments", parent="sites/-", filter={"search": "MENDED"})
    assert [comment.name for comment in page.comments] == [name], page
    (claimed,) = tool.review("ClaimComments", names=[name]).outcomes
    assert claimed.claim.moderator == "ayesha", claimed
    known = tool.review("GetHeldComment", name=name)
    assert known.comment.author.display_name == AUTHOR["name"], known
    (span,) = [span for reason in known.comment.reasons for span in reason.spans]
    assert known.comment.text.encode()[span.start : span.end] == b"holdme", span
    (outcome,) = tool.review("ResolveComments", names=[name], decision=DECISION_REJECT).outcomes
    assert outcome.decision.moderator == "ayesha" and not outcome.HasField("error"), outcome
    assert not tool.review("ListHeldComments", parent="sites/-").comments
    (undone,) = tool.review("UndoResolutions", names=[name]).outcomes
    assert undone.decision.decision == DECISION_HOLD, undone


def a_site_key_does_not_open_the_review(tool: Tool) -> None:
    try:
        tool.review("ListHeldComments", parent="sites/-", metadata=tool.metadata)
        raise AssertionError("expected the call to fail")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.PERMISSION_DENIED, error
        assert "key of the site" in error.details(), error


CHECKS = [
    reflection_lists_the_review,
    what_is_held_is_listed_claimed_and_decided_on,
    a_site_key_does_not_open_the_review,
]


def main() -> None:
    tool = Tool(*sys.argv[1:4])
    for check in CHECKS:
        check(tool)
        print(f"ok: {check.__name__}")


if __name__ == "__main__":
    main()
