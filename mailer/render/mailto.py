"""mailto: links (RFC 6068): a button that opens the reader's own mail program."""

from urllib.parse import quote


def mailto(address: str, subject: str = "", body: str = "", tag: str = "") -> str:
    """The link; a space is %20, never "+", which RFC 6068 §5 reads as a plus sign.

    *tag*: what the subject carries where the address carries no token.
    """
    subject = f"{subject} {tag}".strip()
    fields = [f"{name}={quote(value, safe='')}" for name, value in (("subject", subject), ("body", body)) if value]
    return f"mailto:{quote(address, safe='@+')}" + ("?" + "&".join(fields) if fields else "")
