"""Is it our own mail, come back to us?"""

from inbox.context import Context
from inbox.parse import ParsedMail
from inbox.verdict import Kind, Verdict


def check(mail: ParsedMail, context: Context) -> Verdict | None:
    """Echo when the author is one of our addresses, or the Message-ID verifies as ours."""
    if mail.author is not None and mail.author.lower() in context.our_addresses:
        return Verdict(Kind.ECHO, "author-is-us")
    if mail.message_id is not None and context.is_ours(mail.message_id):
        return Verdict(Kind.ECHO, "message-id-is-ours")
    return None
