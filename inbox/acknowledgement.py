"""May an automatic mail answer this one? Loops begin with a "perhaps", so every doubt is a no (RFC 3834 §2, §3.2).

The answer is a reason; empty means that nothing forbids it.
"""

import re
from collections.abc import Callable

from inbox.parse import ParsedMail
from school.message_id import token_of
from school.reply_address import Keys, TokenKind

_NOBODY_READS = re.compile(
    r"(?:mailer-?daemon|postmaster|no-?_?reply|do-?_?not-?_?reply|bounces?|.*-(?:bounces|request|owner)|owner-.*)"
)
_QUIET = frozenset({"all", "autoreply"})


OurId = Callable[[str], str | None]  #: the Message-ID of ours that a provider replaced by this one


def forbidden(mail: ParsedMail, keys: Keys, our_id: OurId, *, but: str = "") -> str:
    """Why no automatic mail may answer this one. *but* names a rule that does not count here."""
    return next((reason for reason, holds in RULES if reason != but and holds(mail)), "") or _loop(mail, keys, our_id)


def _automatic(mail: ParsedMail) -> bool:
    said = (mail.headers.one("Auto-Submitted") or "no").partition(";")[0].partition("(")[0].strip().lower()
    return said != "no"


def _null_return_path(mail: ParsedMail) -> bool:
    return any("".join(value.split()) == "<>" for value in mail.headers.all("Return-Path"))


def _list(mail: ParsedMail) -> bool:
    return any(name.lower().startswith("list-") for name in mail.headers.names())


def _precedence(mail: ParsedMail) -> bool:
    return (mail.headers.one("Precedence") or "").strip().lower() in {"bulk", "list", "junk"}


def _asks_for_quiet(mail: ParsedMail) -> bool:
    """Exchange's own mark; ordinary mail carries it too, so it forbids an answer and says nothing else."""
    said = (mail.headers.one("X-Auto-Response-Suppress") or "").lower()
    return bool({word.strip() for word in said.split(",")} & _QUIET)


def _nobody_reads(mail: ParsedMail) -> bool:
    return mail.author is None or _NOBODY_READS.fullmatch(mail.author.rpartition("@")[0].lower()) is not None


def _report(mail: ParsedMail) -> bool:
    return mail.content_type == "multipart/report" or bool(mail.report_type)


def _loop(mail: ParsedMail, keys: Keys, our_id: OurId) -> str:
    """Our own automatic mail is among the ones it answers: it carries a button's token in its ids."""
    ids = ((message_id, our_id(message_id) or "") for message_id in mail.referenced_ids)
    tokens = (token_of(held, keys) for names in ids for held in names)
    return "answers-our-automatic-mail" if any(token and token.kind is TokenKind.CONFIRM for token in tokens) else ""


RULES: tuple[tuple[str, Callable[[ParsedMail], bool]], ...] = (
    ("auto-submitted", _automatic),
    ("null-return-path", _null_return_path),
    ("mailing-list", _list),
    ("precedence", _precedence),
    ("asks-for-quiet", _asks_for_quiet),
    ("nobody-reads", _nobody_reads),
    ("report", _report),
)
