"""Answers one case of a reply corpus with what the product reads in it: `read(raw, kind)`."""

from inbox.classify import Context, classify
from inbox.delivery_report import read as read_report
from inbox.parse import message_ids, parse
from inbox.trim import OurMarks, trim
from inbox.verdict import Kind

#: The words of a corpus for our kinds; a person reads what is in quarantine or for the system.
_CLASSES = {Kind.AUTO: "auto", Kind.BOUNCE: "bounce", Kind.COMPLAINT: "complaint"}


def read(raw: bytes, kind: str) -> dict[str, object]:
    """The visible text, the class, the bounced addresses and the headers of one case."""
    if kind == "reply-text":
        return {"text": trim(raw.decode("utf-8", "replace"), "", OurMarks()).new_text}
    if kind == "reply-html":
        return {"text": trim("", raw.decode("utf-8", "replace"), OurMarks()).new_text}
    mail = parse(raw)
    report = read_report(mail)
    return {
        "text": trim(mail.text, mail.html, OurMarks()).new_text,
        "class": _CLASSES.get(classify(mail, Context()).kind, "human"),
        "bounced": [recipient.address for recipient in report.recipients] if report else [],
        "headers": {
            "subject": mail.subject,
            "message_id": mail.message_id,
            "in_reply_to": list(message_ids(mail.headers.one("In-Reply-To") or "")),
            "references": list(message_ids(mail.headers.one("References") or "")),
        },
    }
