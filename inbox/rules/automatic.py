"""Did a program answer, and not the parent?"""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

from inbox.context import Context
from inbox.parse import ParsedMail
from inbox.verdict import Kind, Verdict

# Headers that only responders set; any value counts but a "no".
_RESPONDER_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Auto-Reply",
    "X-AutoReply-From",
    "X-Vacation",
)
_RESPONDER_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "autoreply"})
_SOON = timedelta(minutes=2)
_SUBJECT = re.compile(
    "|".join(tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["subject"]), re.IGNORECASE
)


def check(mail: ParsedMail, context: Context) -> Verdict | None:
    """Auto by the header that says so (RFC 3834 §5); by the subject only together with a second sign.

    X-Auto-Response-Suppress alone says nothing: Exchange puts it on people's mail too. Nor does Precedence: bulk.
    """
    headers = mail.headers
    submitted = (headers.one("Auto-Submitted") or "").partition(";")[0].partition("(")[0].strip().lower()
    if submitted and submitted != "no":
        return Verdict(Kind.AUTO, "auto-submitted", {"value": submitted[:40]})
    for name in _RESPONDER_HEADERS:
        value = headers.one(name)
        if value is not None and value.strip().lower() not in ("no", "false", "0"):
            return Verdict(Kind.AUTO, name.lower())
    if (headers.one("Precedence") or "").strip().lower() in _RESPONDER_PRECEDENCE:
        return Verdict(Kind.AUTO, "precedence-auto-reply")
    if headers.one("X-MS-Exchange-Inbox-Rules-Loop") and headers.one("X-Auto-Response-Suppress"):
        return Verdict(Kind.AUTO, "exchange-rule")
    if _has_null_path(mail) and (_is_bulk(mail) or headers.one("X-Auto-Response-Suppress")):
        return Verdict(Kind.AUTO, "null-return-path")  # RFC 3834 §3.3: an answer that must not be answered
    if _SUBJECT.search(mail.subject) and (sign := _second_sign(mail, context)):
        return Verdict(Kind.AUTO, "subject-and-" + sign)
    return None


def _second_sign(mail: ParsedMail, context: Context) -> str:
    """What else shows that no person sent it; empty when nothing does."""
    if _has_null_path(mail):
        return "null-return-path"
    if context.new_text is not None and not context.new_text:
        return "no-words"
    if context.since_sending is not None and timedelta(0) <= context.since_sending < _SOON:
        return "within-minutes"
    if mail.headers.one("X-Auto-Response-Suppress"):
        return "suppress-header"
    return "suppressing-precedence" if _is_bulk(mail) else ""


def _has_null_path(mail: ParsedMail) -> bool:
    return (mail.headers.one("Return-Path") or "").strip() == "<>"


def _is_bulk(mail: ParsedMail) -> bool:
    return (mail.headers.one("Precedence") or "").strip().lower() in ("bulk", "junk")
