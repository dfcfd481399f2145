"""The Message-ID that a mail provider puts in place of ours, so far as its last reply names it.

Amazon SES answers the final dot with "250 Ok 0102018f…-000000" and writes `<that@eu-west-1.amazonses.com>` into the
letter; a parent's program then answers that id, and some keep no other (inbound.md §9.3 b).
"""

import re

# Long enough that nobody guesses one; no address fits in it. Postfix's "Ok: queued as 4F2A1B" is no such id.
_NAMED = re.compile(rb"250 (?:2\.\d{1,3}\.\d{1,3} )?ok:? ([0-9a-z][0-9a-z-]{19,119})\s*", re.IGNORECASE)


def named_in(line: bytes) -> str:
    """The id in a reply's last line, without the provider's domain; empty when it names none."""
    found = _NAMED.fullmatch(line)
    return found[1].decode("ascii").lower() if found else ""
