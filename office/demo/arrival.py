"""What the school's own mail server writes on top of a mail before it lies in the mailbox."""

from datetime import datetime
from email import message_from_bytes, policy
from email.utils import format_datetime

AUTHSERV_ID = "mx.school.test"
"""The server whose Authentication-Results the demo's school believes (`routing.trusted_authserv_ids`)."""


def arrived(raw: bytes, at: datetime, *, envelope_from: str | None = None, dmarc: str = "pass") -> bytes:
    """The mail with Return-Path, Delivered-To, Authentication-Results and Received in front.

    *envelope_from* defaults to the From address; an empty one is a bounce's null sender (RFC 5321 §4.5.5).
    """
    message = message_from_bytes(raw, policy=policy.default)
    sender = message["From"].addresses[0].addr_spec
    path = sender if envelope_from is None else envelope_from
    recipient = message["To"].addresses[0].addr_spec
    domain = sender.rpartition("@")[2]
    top = (
        f"Return-Path: <{path}>",
        f"Delivered-To: {recipient}",
        f"Authentication-Results: {AUTHSERV_ID};\r\n dmarc={dmarc} header.from={domain}",
        f"Received: from mail.{domain} by {AUTHSERV_ID} with ESMTPS\r\n for <{recipient}>; {format_datetime(at)}",
    )
    return "\r\n".join(top).encode() + b"\r\n" + raw
