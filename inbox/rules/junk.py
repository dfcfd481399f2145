"""Is it spam, or bulk mail from nobody we know?"""

from inbox.context import Context
from inbox.parse import ParsedMail
from inbox.verdict import Kind, Verdict


def check(mail: ParsedMail, context: Context) -> Verdict | None:
    """Quarantine by the provider's own verdict, or for bulk mail without a token from an unknown sender."""
    if context.has_token:
        return None  # a parent who answers our letter is never lost to a filter
    headers = mail.headers
    if (headers.one("X-Spam-Flag") or "").strip().lower() == "yes":
        return Verdict(Kind.QUARANTINE, "spam-flag")
    if (headers.one("X-Spam-Status") or "").strip().lower().startswith("yes"):
        return Verdict(Kind.QUARANTINE, "spam-status")
    precedence = (headers.one("Precedence") or "").strip().lower()
    bulk = precedence in ("bulk", "junk", "list") or headers.one("List-Unsubscribe") or headers.one("List-Id")
    if bulk and not context.sender_known:
        return Verdict(Kind.QUARANTINE, "bulk-from-unknown")
    return None
