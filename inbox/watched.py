"""A mail that nobody reads yet, and that cannot wait for somebody to: the office must hear of it at once.

A held or unmatched mail was never decided about, and a button or a teacher's mail by other rules; so whatever waits for
a person is looked at once more. Words only the office may read also stop the question "was this you?": the registered
guardian may be whom the mail is about.
"""

from dataclasses import replace

from inbox.parse import ParsedMail
from inbox.reading import Result
from inbox.route import State
from inbox.trim.spans import Trimmed
from inbox.words import WordLists

SAFEGUARDING = "safeguarding"
WAITS = frozenset({State.HELD, State.UNMATCHED, State.TRIAGE, State.ASKED})
UNDECIDED = frozenset({State.HELD, State.UNMATCHED})


def watched(result: Result, trimmed: Trimmed, words: WordLists) -> Result:
    """The result with what its own words ask for: the reason `safeguarding`, or that they are about today."""
    outcome = result.outcome
    if outcome.state not in WAITS:
        return result
    said = _said(result.mail, trimmed, undecided=outcome.state in UNDECIDED, ours=bool(result.leads))
    if outcome.state != State.ASKED and SAFEGUARDING not in outcome.reasons and words.safeguards(said):
        outcome = replace(outcome, reasons=(*outcome.reasons, SAFEGUARDING), tell="")
    return replace(result, outcome=outcome, about_today=not outcome.teacher_id and words.is_urgent(said))


def _said(mail: ParsedMail, trimmed: Trimmed, *, undecided: bool, ours: bool) -> str:
    """The author's words; all of an unknown mail without any of them, for a forward says something too."""
    text = trimmed.new_text
    if undecided and not text and not ours:
        text = trimmed.body
    return text if mail.referenced_ids else f"{mail.subject}\n{text}"
