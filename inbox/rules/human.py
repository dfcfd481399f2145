"""Whatever no other rule knows is a person's mail: a doubt is never a reason to hide a parent's words."""

from inbox.context import Context
from inbox.parse import ParsedMail
from inbox.verdict import Kind, Verdict


def check(_mail: ParsedMail, _context: Context) -> Verdict:
    """Human, always."""
    return Verdict(Kind.HUMAN, "no-machine-sign")
