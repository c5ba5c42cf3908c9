"""An operator's own tool in Python: knows an address and two credentials, learns the rest by reflection.

Usage: models.py ADDRESS KEY TOKEN

KEY is a site's, TOKEN an operator's. Any candidate may be promoted. Exits with 0 and one line per check if
the server keeps its contract.
"""

import time

import tool
from check import AUTHOR, GetMessageClass, PATIENCE

STATE_DONE = 2
WORDS = ["one", "two", "three", "four", "five", "six", "seven"]
TEXT = "The veeam offer"


class Tool(tool.Tool):
    """Labels and models as an operator calls them."""

    SERVICE = "moderato.v1.ModelService"

    def import_labels(self, *messages: dict):
        method = self.pool.FindServiceByName(self.SERVICE).FindMethodByName("ImportLabels")
        request = GetMessageClass(method.input_type)
        call = self.channel.stream_unary(
            f"/{self.SERVICE}/ImportLabels",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        sent = (request(**message) for message in messages)
        return call(sent, timeout=PATIENCE, metadata=self.token)

    def outcome(self, operation):
        ended = self.call("WaitOperation", name=operation.name).operation
        assert ended.state == STATE_DONE, ended
        return self.call("GetOperation", name=operation.name).operation

    def judged_by(self, model: str):
        """The verdict once `model` judges."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            verdict = self.check({**AUTHOR, "text": TEXT})
            # What a quota refuses has no scores.
            if verdict.model == model.removeprefix("models/") and verdict.HasField("scores"):
                return verdict
        raise AssertionError(f"{model} does not judge: {verdict.model}")


def reflection_lists_the_service(tool: Tool) -> None:
    tool.assert_reflected("ImportLabels", "Train", "Replay", "WaitOperation", "PromoteModel")


def label_train_replay_promote_roll_back(tool: Tool) -> None:
    before = tool.check({**AUTHOR, "text": TEXT})
    labels = [
        {"text": f"the {said} of house {tens} and {ones}", "label": {"spam": said != "story"}}
        for tens in WORDS[:4]
        for ones in WORDS[:5]
        for said in ("veeam offer", "story")
    ]
    faulty = {"text": "nobody says what it is"}
    imported = tool.import_labels(
        {"parent": "sites/daily", "origin": "tool"}, {"labels": labels}, {"labels": [faulty]}
    )
    assert (imported.label_count, imported.refused_count) == (40, 1), imported
    assert imported.refusals[0].index == 40, imported
    trained = tool.outcome(tool.call("Train").operation)
    candidate = trained.train_result.model
    assert tool.call("GetModel", name=candidate).model.labels.by_source["tool"] == 40

    started = tool.call("Replay", settings={"candidate": candidate, "since": "1d"}).operation
    figures = tool.outcome(started).replay_result.figures
    assert figures.comments >= 1, figures
    promotion = tool.call("PromoteModel", name=candidate, reason="a test").promotion
    assert promotion.moderator == "ayesha", promotion
    after = tool.judged_by(candidate)
    assert after.scores.spam > before.scores.spam, (before, after)
    back = tool.call("RollBackModel", reason="it was a test").promotion
    assert back.model == "models/base", back
    again = tool.judged_by(before.model)
    assert abs(again.scores.spam - before.scores.spam) < 1e-12, again


def a_site_key_does_not_open_it(tool: Tool) -> None:
    tool.assert_closed_to_the_site("ListModels")


if __name__ == "__main__":
    tool.run(Tool, reflection_lists_the_service, label_train_replay_promote_roll_back, a_site_key_does_not_open_it)
