"""The values of trimming: which characters of a body are the parent's new words, and what the rest is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class SpanKind(StrEnum):
    """What a piece of a body is."""

    NEW = "new"
    QUOTED = "quoted"
    SIGNATURE = "signature"
    FOOTER = "footer"  #: put in by the mail program: "Sent from my phone"
    DISCLAIMER = "disclaimer"  #: put in by an organisation: legal text, a gateway's warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters *start* to *end* of the body, of one kind."""

    start: int
    end: int
    kind: SpanKind
    section: int | None = None  #: of a QUOTED span: the section of our letter it repeats
    after_section: int | None = None  #: of a NEW span: the section whose quoted line stands right above (evidence C4)


@dataclass(frozen=True, slots=True, kw_only=True)
class OurMarks:
    """What our own letter carries, so that its quotation is known in any language."""

    domains: tuple[str, ...] = ()
    local_parts: tuple[str, ...] = ()
    visible_refs: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    section_lines: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    letter_lines: tuple[str, ...] = ()  #: every line of the letter, as text and as HTML show it, where we still hold it
    school_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """One body cut into spans that cover it, in order, without overlap."""

    body: str
    spans: tuple[Span, ...]
    forwarded: bool = False
    source: str = "text"  #: which part the body comes from: "text" or "html"
    #: The lines of a quotation of our letter without quote signs, when it was read without `letter_lines`: with them,
    #: answers typed among these lines can be told.
    unmarked: tuple[str, ...] = ()

    @property
    def new_text(self) -> str:
        """The parent's new words, the pieces joined, without blanks around."""
        pieces = (self.body[span.start : span.end] for span in self.spans if span.kind is SpanKind.NEW)
        return "".join(pieces).strip()
