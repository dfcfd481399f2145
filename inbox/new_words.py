"""The new words of a mail, whatever was decided about it, and what our own letters look like in a quote."""

from dataclasses import dataclass, replace
from datetime import datetime

from inbox import evidence as signs
from inbox.lookups import carried
from inbox.match import Directory, Lead, leads
from inbox.reading import Arrived, Reading
from inbox.trim import OurMarks, SpanKind, Trimmed
from inbox.trim.letter_words import words_of as compared
from inbox.trim.lines import plain_text
from school.audience import Addressee
from school.letter import Dispatch, LetterKind


@dataclass(frozen=True, kw_only=True, slots=True)
class NewWords:
    """All new words of a mail and where they stand: what a person files by hand."""

    text: str
    spans: tuple[tuple[int, int], ...]


def new_words(arrived: Arrived, reading: Reading, directory: Directory, now: datetime) -> NewWords:
    """The mail's own words, whatever was decided about it."""
    mail = reading.opener.parse(arrived.raw).result()
    found = carried(mail, arrived.envelope_to, reading, directory).found
    held = leads(found, directory, now, reading.accept)
    ours = our_marks(held, reading)
    trimmed = reading.opener.trim(mail.text, mail.html, ours).result()
    if told := told_by_letter(trimmed, ours, held, directory):
        trimmed = reading.opener.trim(mail.text, mail.html, told).result()
    spans = new_spans(trimmed)
    return NewWords(text=words_of(trimmed, spans), spans=spans)


def told_by_letter(
    trimmed: Trimmed, ours: OurMarks, held: tuple[Lead, ...], directory: Directory, author: Addressee | None = None
) -> OurMarks | None:
    """The marks with the whole letter, where it can tell more: it is quoted unmarked, with something unknown in it."""
    letter = signs.only_letter(held)
    if not trimmed.unmarked or letter is None or letter.kind is not LetterKind.NEWSLETTER:
        return None
    lines = directory.letter_lines(letter, trimmed.unmarked, _names(letter, author) if author else frozenset())
    return replace(ours, letter_lines=lines) if lines else None


def _names(letter: Dispatch, author: Addressee) -> frozenset[str]:
    """The words of her letter that other families' letters do not have: names, classes, references."""
    said = [author.guardian.full_name, *(section.visible_ref for section in letter.sections)]
    for taught in author.children:
        said.append(taught.child.full_name)
        for desk in taught.desks:
            said += [desk.class_group.title, desk.class_group.subject]
            said += [f"{teacher.shown_name} {teacher.given_name}" for teacher in desk.teachers]
    return frozenset(word for text in said for word in compared(plain_text(text)))


def new_spans(trimmed: Trimmed) -> tuple[tuple[int, int], ...]:
    """Where the new words stand in the trimmed body."""
    return tuple((span.start, span.end) for span in trimmed.spans if span.kind is SpanKind.NEW)


def words_of(trimmed: Trimmed, spans: tuple[tuple[int, int], ...]) -> str:
    """The words of these spans, as the teacher reads them."""
    return "\n".join(trimmed.body[start:end].strip("\n") for start, end in spans).strip()


def our_marks(held: tuple[Lead, ...], reading: Reading) -> OurMarks:
    """What our own letter looks like in a quote, so that trimming knows each child's section.

    Of several letters none: their sections' numbers mean different children.
    """
    letter = signs.only_letter(held)
    sections = letter.sections if letter else ()
    domains = {reading.shape.domain, reading.keys.domain, *(held.rpartition("@")[2] for held in reading.our_addresses)}
    local_parts = {held.rpartition("@")[0] for held in reading.our_addresses} | ({reading.shape.mailbox} - {""})
    return OurMarks(
        domains=tuple(sorted(domains)),
        local_parts=tuple(sorted(local_parts)),
        visible_refs={section.ordinal: (f"Ref {section.visible_ref}",) for section in sections if section.visible_ref},
        section_lines={section.ordinal: section.fingerprints for section in sections},
        school_name=reading.school_name,
    )
