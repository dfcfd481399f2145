"""Opening a mail: its bytes become values, its body spans; in this process, or in one where a bomb harms nobody.

Both are pure work on bytes that anybody may send us, so they are asked for here and done by whoever the office chose.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

from inbox.parse import ParsedMail, parse
from inbox.trim import OurMarks, Trimmed, trim
from school.errors import InputError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class CannotOpen(InputError):  # noqa: N818 - says what happened, as its callers do
    """The mail takes more than a mail may, or ends whatever opens it; its raw bytes are kept.

    To whoever wants to read it again it is as if its bytes were gone.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"this mail cannot be opened: {reason}; its raw bytes are kept")
        self.reason = reason


class Promise(Protocol[T_co]):
    """Work that was asked for."""

    def result(self) -> T_co:
        """What came of it, waited for if need be; CannotOpen where nothing could."""
        ...


class Opener(Protocol):
    """Who opens mails. Asked for several, it may begin with the next before the first is called for."""

    def parse(self, raw: bytes) -> Promise[ParsedMail]: ...

    def trim(self, text: str, html: str, ours: OurMarks) -> Promise[Trimmed]: ...


@dataclass(frozen=True, slots=True)
class Later(Generic[T]):
    """Work that is done when its result is called for."""

    work: Callable[[], T]

    def result(self) -> T:
        return self.work()


class Here:
    """In this process, without limits: for tests, measures, and mails we wrote ourselves."""

    def parse(self, raw: bytes) -> Promise[ParsedMail]:
        return Later(partial(parse, raw))

    def trim(self, text: str, html: str, ours: OurMarks) -> Promise[Trimmed]:
        return Later(partial(trim, text, html, ours))


HERE = Here()
