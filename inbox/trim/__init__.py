"""The new words of a reply: `trim` cuts a body into spans that cover it."""

from inbox.trim.reply import trim
from inbox.trim.spans import OurMarks, Span, SpanKind, Trimmed

__all__ = ["OurMarks", "Span", "SpanKind", "Trimmed", "trim"]
