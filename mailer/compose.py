"""A letter's bytes: every header its kind must have, and the MIME parts; the same draft always gives the same bytes.

Written without `EmailMessage`: on the hot path, and because that library bends long and hostile header values
(`mailer/headers.py`). Which header stands in which kind of letter is the tuple FIELDS, read from top to bottom.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from mailer import headers
from mailer.headers import HeaderRefused
from mailer.parts import Enclosure, Part, enclosed, multipart, text_part
from school.letter import LetterKind

__all__ = ["Draft", "Enclosure", "HeaderRefused", "compose"]

LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")  # RFC 5646 §2.1
AUTOMATIC = {LetterKind.NEWSLETTER, LetterKind.DIGEST, LetterKind.NOTICE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """Everything a letter says. Names and subject may hold any text; addresses and ids are checked."""

    kind: LetterKind
    from_name: str
    from_address: str
    to_name: str
    to_address: str
    reply_to: str  #: an address; empty = none
    subject: str
    date: datetime  #: aware, made at planning: a retry keeps it
    message_id: str  #: without angle brackets
    in_reply_to: str = ""
    references: tuple[str, ...] = ()  #: the first is our own anchor, the last the letter answered
    text: str
    html: str = ""
    language: str  #: BCP 47
    enclosures: tuple[Enclosure, ...] = ()
    list_id: str = ""  #: `Weekly news <weekly.school.example>` or `weekly.school.example`
    list_help: str = ""  #: an https: or mailto: address
    unsubscribe_mail: str = ""  #: an address, with or without `mailto:`
    unsubscribe_url: str = ""
    feedback_id: str = ""  #: `issue:kind:0:school`, never a family's id
    boundary_seed: str


def compose(draft: Draft) -> bytes:
    """The finished message, CRLF throughout. HeaderRefused, naming the field, for what no header may hold."""
    body = _body(draft)
    raw = b"".join([*(field(draft) for field in FIELDS), body.head, b"\r\n", body.body])
    headers.check_header_block(raw)
    return raw


# ---- the header checklist ------------------------------------------------------------------------------------------


def _from(draft: Draft) -> bytes:
    return headers.mailbox("From", "from", draft.from_name, draft.from_address)


def _reply_to(draft: Draft) -> bytes:
    return headers.mailbox("Reply-To", "reply_to", "", draft.reply_to) if draft.reply_to else b""


def _to(draft: Draft) -> bytes:
    """Exactly one person: two addresses would show parents to each other. Never a Cc or Bcc."""
    return headers.mailbox("To", "to", draft.to_name, draft.to_address)


def _subject(draft: Draft) -> bytes:
    return headers.unstructured("Subject", "subject", draft.subject)


def _date(draft: Draft) -> bytes:
    if draft.date.tzinfo is None:
        raise HeaderRefused("date", "has no time zone")
    return f"Date: {format_datetime(draft.date)}\r\n".encode("ascii")


def _message_id(draft: Draft) -> bytes:
    return headers.message_id("Message-ID", "message_id", draft.message_id)


def _in_reply_to(draft: Draft) -> bytes:
    return headers.message_ids("In-Reply-To", "in_reply_to", [draft.in_reply_to] if draft.in_reply_to else [])


def _references(draft: Draft) -> bytes:
    return headers.message_ids("References", "references", draft.references)


def _list_id(draft: Draft) -> bytes:
    return headers.list_id("List-Id", "list_id", draft.list_id) if draft.list_id else b""


def _list_help(draft: Draft) -> bytes:
    return headers.uris("List-Help", "list_help", [draft.list_help] if draft.list_help else [])


def _list_unsubscribe(draft: Draft) -> bytes:
    """RFC 2369 §3.2; with RFC 8058's one-click mark only when there is an https address to post to."""
    mail = draft.unsubscribe_mail
    if mail and not mail.startswith("mailto:"):
        mail = f"mailto:{mail}"
    field = headers.uris("List-Unsubscribe", "unsubscribe", [uri for uri in (draft.unsubscribe_url, mail) if uri])
    if draft.kind is LetterKind.NEWSLETTER and draft.unsubscribe_url.startswith("https:"):
        field += b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    return field


def _precedence(draft: Draft) -> bytes:
    """Not in any standard, but it keeps vacation responders quiet."""
    return {LetterKind.NEWSLETTER: b"Precedence: list\r\n", LetterKind.NOTICE: b"Precedence: auto_reply\r\n"}.get(
        draft.kind, b""
    )


def _auto_submitted(draft: Draft) -> bytes:
    """RFC 3834 §5. A teacher's answer has none: a person wrote it."""
    if draft.kind not in AUTOMATIC:
        return b""
    replied = draft.kind is LetterKind.NOTICE and draft.in_reply_to
    return b"Auto-Submitted: auto-replied\r\n" if replied else b"Auto-Submitted: auto-generated\r\n"


def _auto_response_suppress(draft: Draft) -> bytes:
    """Exchange's own mark against answering machines."""
    if draft.kind not in AUTOMATIC:
        return b""
    return b"X-Auto-Response-Suppress: %s\r\n" % (b"All" if draft.kind is LetterKind.NOTICE else b"OOF, AutoReply")


def _feedback_id(draft: Draft) -> bytes:
    if not draft.feedback_id:
        return b""
    if draft.feedback_id.count(":") > 3:
        raise HeaderRefused("feedback_id", "has more than four fields")
    return headers.token("Feedback-ID", "feedback_id", draft.feedback_id)


def _content_language(draft: Draft) -> bytes:
    if not LANGUAGE_TAG.fullmatch(headers.refuse_controls("language", draft.language)):
        raise HeaderRefused("language", "is not a language tag such as es or zh-Hans")
    return headers.token("Content-Language", "language", draft.language)


def _mime_version(_: Draft) -> bytes:
    return b"MIME-Version: 1.0\r\n"


FIELDS: tuple[Callable[[Draft], bytes], ...] = (
    _from,
    _reply_to,
    _to,
    _subject,
    _date,
    _message_id,
    _in_reply_to,
    _references,
    _list_id,
    _list_help,
    _list_unsubscribe,
    _precedence,
    _auto_submitted,
    _auto_response_suppress,
    _feedback_id,
    _content_language,
    _mime_version,
)

# ---- the body ------------------------------------------------------------------------------------------------------


def _body(draft: Draft) -> Part:
    """mixed(alternative(text, related(html, pictures)), files), without the levels that have nothing to hold."""
    pictures = tuple(enclosed(one) for one in draft.enclosures if one.content_id)
    files = tuple(enclosed(one) for one in draft.enclosures if not one.content_id)
    body = text_part("plain", draft.text)
    if draft.html:
        html = text_part("html", draft.html)
        if pictures:
            html = multipart("related", draft.boundary_seed, (html, *pictures))
        body = multipart("alternative", draft.boundary_seed, (body, html))
    if files:
        body = multipart("mixed", draft.boundary_seed, (body, *files))
    return body
