"""A moderator's own tool in Python: knows an address and two credentials, learns the rest by reflection.

Usage: review.py ADDRESS KEY TOKEN

KEY is a site's, TOKEN a moderator's. The server holds whatever has the word `holdme` in it. Exits with
0 and one line per check if the server keeps its contract.
"""

import tool
from check import AUTHOR

DECISION_APPROVE, DECISION_HOLD, DECISION_REJECT = 1, 2, 3


class Tool(tool.Tool):
    """The review as a moderator calls it."""

    SERVICE = "moderato.v1.ReviewService"

    def hold(self, text: str) -> str:
        verdict = self.check({**AUTHOR, "text": f"{text}, holdme."})
        assert verdict.decision == DECISION_HOLD, verdict
        return verdict.comment


def reflection_lists_the_review(tool: Tool) -> None:
    tool.assert_reflected("ListHeldComments", "GetHeldComment", "ClaimComments", "ResolveComments")


def what_is_held_is_listed_claimed_and_decided_on(tool: Tool) -> None:
    name = tool.hold("The road past the school was mended")
    page = tool.call("ListHeldComments", parent="sites/-", filter={"search": "MENDED"})
    assert [comment.name for comment in page.comments] == [name], page
    (claimed,) = tool.call("ClaimComments", names=[name]).outcomes
    assert claimed.claim.moderator == "ayesha", claimed
    known = tool.call("GetHeldComment", name=name)
    assert known.comment.author.display_name == AUTHOR["name"], known
    (span,) = [span for reason in known.comment.reasons for span in reason.spans]
    assert known.comment.text.encode()[span.start : span.end] == b"holdme", span
    (outcome,) = tool.call("ResolveComments", names=[name], decision=DECISION_REJECT).outcomes
    assert outcome.decision.moderator == "ayesha" and not outcome.HasField("error"), outcome
    assert not tool.call("ListHeldComments", parent="sites/-").comments
    (undone,) = tool.call("UndoResolutions", names=[name]).outcomes
    assert undone.decision.decision == DECISION_HOLD, undone


def a_site_key_does_not_open_the_review(tool: Tool) -> None:
    tool.assert_closed_to_the_site("ListHeldComments", parent="sites/-")


if __name__ == "__main__":
    tool.run(
        Tool,
        reflection_lists_the_review,
        what_is_held_is_listed_claimed_and_decided_on,
        a_site_key_does_not_open_the_review,
    )
