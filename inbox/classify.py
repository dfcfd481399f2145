"""What kind of mail this is, by the first rule that knows."""

from collections.abc import Callable

from inbox.context import Context
from inbox.parse import ParsedMail
from inbox.rules import automatic, bounce, complaint, echo, guessing, human, junk, receipt
from inbox.verdict import Verdict

__all__ = ["RULES", "Context", "classify"]

Rule = Callable[[ParsedMail, Context], Verdict | None]

RULES: tuple[Rule, ...] = (
    echo.check,  # first: our own letter in the inbox is nobody's answer
    complaint.check,  # before bounce: it is a multipart/report too
    bounce.check,  # before automatic: a delivery report may also say Auto-Submitted
    receipt.check,
    automatic.check,
    guessing.check,
    junk.check,
    human.check,  # always answers, so the chain always ends
)


def classify(mail: ParsedMail, context: Context) -> Verdict:
    """The verdict of the first rule that has one."""
    for rule in RULES:
        verdict = rule(mail, context)
        if verdict is not None:
            return verdict
    raise AssertionError("the last rule always answers")
