"""Our own Message-IDs: made once, stored, and signed, so that an answer's References lead home (RFC 5322 §3.6.4).

`<{token}.{suffix}@{domain}>`: the token is a reply address's token, so a client that keeps only the ids of what it
answers still tells which letter that was.
"""

from school.reply_address import Keys, Token, read, sign


def make(token: Token, suffix: str, keys: Keys) -> str:
    """A Message-ID without angle brackets, under 70 characters: longer ones are rewritten on the way."""
    return f"{sign(token, keys)}.{suffix}@{keys.domain}"


def token_of(message_id: str, keys: Keys) -> Token | None:
    """The token of a Message-ID we made; None for anybody else's."""
    local, _, domain = message_id.strip().strip("<>").rpartition("@")
    if domain.lower() != keys.domain.lower():
        return None
    return read(local.partition(".")[0], keys)
