"""Why a mail waits for a person, in words: the codes of the inbox are for the command line and the log."""

from mailer.phrases import Phrases


def because(code: str, phrases: Phrases) -> str:
    """The reason in the reader's language; "" for one that only says which rule looked at the mail."""
    words = {
        "safeguarding": phrases("words that only the office may read (safeguarding)"),
        "legal-flag": phrases("the roster limits what this guardian may hear"),
        "health": phrases("health details"),
        "attachment-several-children": phrases("a file, and several children it may be about"),
        "several-children": phrases("it may be about several children"),
        "conflicting-addresses": phrases("it was sent to the addresses of several children"),
        "no-child": phrases("it names no child"),
        "unsure": phrases("not sure which child it is about"),
        "same-teacher": phrases("the teacher picks the child"),
        "empty": phrases("there are no new words in it"),
        "no-teacher-now": phrases("the child has no teacher for this today"),
        "not-entitled-now": phrases("the sender may not hear about this child today"),
        "may-not-tell": phrases("no automatic mail may go to the sender"),
        "preference": phrases("asks to stop the letters"),
        "no-answer": phrases("our question was not answered in time"),
        "author-not-verified": phrases("we could not check who sent it"),
        "unknown-sender": phrases("from an address we do not know"),
        "token-of-another-family": phrases("it answers another family’s letter"),
        "several-authors": phrases("several people may have sent it"),
        "family-left": phrases("the family has left the school"),
        "tokens-revoked": phrases("it answers what was taken back from this guardian"),
        "teacher-to-office": phrases("a teacher gave it to the office"),
        "teacher-answer": phrases("a teacher’s mail that reached nobody"),
        "guardian-not-to-be-reached": phrases("a teacher’s answer to a family that cannot be reached by mail"),
        "parent-chose-office": phrases("the parent chose the office"),
        "not-by-the-guardian": phrases("the guardian did not write it"),
        "with-words": phrases("words were typed beside a button"),
        "button-too-late": phrases("a button was pressed too late"),
        "failed": phrases("not delivered"),
        "perhaps sent": phrases("perhaps not delivered"),
    }
    return words.get(ALIKE.get(code, code), "")


#: Codes that the office need not tell apart.
ALIKE = {
    "author-failed-authentication": "author-not-verified",
    "unknown-address": "unknown-sender",
    "staff-address-used-by-a-stranger": "unknown-sender",
    "button-of-another-address": "token-of-another-family",
    "reference-of-another-family": "token-of-another-family",
    "button-not-verified": "author-not-verified",
    "shared-address": "several-authors",
    "guardian-left": "family-left",
    "not-possible-now": "not-entitled-now",
    "not-mine": "teacher-to-office",
    "teacher-names-no-single-conversation": "teacher-answer",
    "teacher-without-conversation": "teacher-answer",
    "teacher-wrote-nothing": "teacher-answer",
    "teacher-no-longer-in-charge": "teacher-answer",
    "teacher-digest-answer": "teacher-answer",
    "teacher-also-for-unclear": "teacher-to-office",
    "teacher-passes-on-unclear": "teacher-to-office",
    "expired": "failed",
    "blocked": "failed",
}
