"""Does somebody try out reply addresses?"""

from inbox.context import Context
from inbox.parse import ParsedMail
from inbox.verdict import Kind, Verdict

#: So many different ones an hour are nobody's slip: a damaged address is the same one each time (inbound.md §9.1).
MOST = 20


def check(_mail: ParsedMail, context: Context) -> Verdict | None:
    """Quarantine for a mail with a token nobody signed, from an address that tried more than twenty within the hour."""
    return Verdict(Kind.QUARANTINE, "token-guessing") if context.guesses > MOST else None
