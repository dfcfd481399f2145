"""A teacher's one reply to a whole digest, cut into what goes to whom; what names no item is never guessed.

She may write under any quoted item, or number her words:

    3 thanks
    5: I shall call you on Monday.
    all 4,6: we walk if it rains
    7 later          2 → office          8 not mine          9 Leo
    stop 3           stop: everything that has not left

A number counts only when a colon, full stop, bracket or arrow follows, or a word of command alone; "2 pencils are
enough" is prose. Words before the first number, under no item, or that could be read in two ways (a list inside an
answer, one number twice) are unplaced: they go back to the teacher.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from inbox.digest_items import Digest, item_above
from inbox.names import fold
from inbox.trim.patterns import patterns
from inbox.trim.spans import Span, SpanKind, Trimmed
from inbox.words import WordLists


class Deed(StrEnum):
    ANSWER = "answer"  #: the text goes to that item's guardian
    THANKS = "thanks"  #: a friendly word of thanks goes there
    OFFICE = "office"  #: the office takes it on
    LATER = "later"  #: it stays in tomorrow's digest
    NOT_MINE = "not-mine"  #: the office finds whose it is
    STOP = "stop"  #: take back what is not sent yet
    CHILD = "child"  #: the mail is about the child she names
    ALSO_FOR = "also-for"  #: it is about her brother too
    PASS_ON = "pass-on"  # noqa: S105 - no password: it is a colleague's


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    numbers: tuple[int, ...]
    deed: Deed
    text: str = ""
    raw: str = field(default="", compare=False)  #: as she wrote it, number and all


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestAnswer:
    parts: tuple[Part, ...]
    unplaced: str = ""  #: words nobody gets but the teacher herself
    why: tuple[str, ...] = ()  #: why they are unplaced: no-item, ambiguous, number-twice, wrong-number
    pieces: int = 0  #: of how many stretches the unplaced words are made

    @property
    def whole(self) -> bool:
        """Are the unplaced words one stretch that names no number, so that they are for one family or for none?"""
        return self.pieces == 1 and self.why == ("no-item",)


#: What a teacher writes for each deed, in the school's languages; whole, folded, nothing else on the line.
COMMANDS = {
    Deed.THANKS: ("thanks", "thank you", "gracias", "danke", "merci", "شكرا", "谢谢"),
    Deed.OFFICE: (
        "office",
        "to office",
        "to the office",
        "oficina",
        "büro",
        "sekretariat",
        "bureau",
        "الادارة",
        "办公室",
    ),
    Deed.LATER: ("later", "tomorrow", "después", "mañana", "später", "morgen", "plus tard", "لاحقا", "稍后"),
    Deed.NOT_MINE: (
        "not mine",
        "not for me",
        "this is not for me",
        "no es para mí",
        "nicht meins",
        "nicht für mich",
        "pas pour moi",
        "ليس لي",
        "不是我的",
    ),
    Deed.STOP: ("stop", "stop it", "please stop", "detener", "أوقف", "停止"),
}
_NUMBERS = r"(?:all\s+)?(\d{1,2}(?:\s*(?:,|&|and|\+)\s*\d{1,2})*)"
_MARKED = re.compile(rf"^\s*[#\[(]?{_NUMBERS}\s*(:(?!\d)|\.(?=\s|$)|\)|\]|->|=>|→|—|–)\s*(.*)$", re.IGNORECASE)
_BARE = re.compile(rf"^\s*{_NUMBERS}\s+(\S.{{0,40}})$", re.IGNORECASE)
_STOP = re.compile(
    r"^\s*(?:please\s+)?(?:stop|cancel|take\s+back|detener|retirar|أوقف|اسحب|停止|撤回)\s*[:#]?\s*"
    r"(\d{1,2}(?:\s*(?:,|&|and|y|و|和|、|，|،|\+)\s*#?\d{1,2})*|all|everything)\s*(?:please)?\s*[.!。]*\s*$",
    re.IGNORECASE,
)
_QUOTE_MARKS = re.compile(r"^(?: {0,3}>)+ ?")
_LIST_MARKS = frozenset({".", ")"})  #: how people number a list inside an answer
_MONTH = re.compile(
    r"(?:jan|feb|m[aä]r|apr|a[vb]r|ma[iy]\b|jun|jui|jul|aug|ago|ao[uû]|sep|o[ck]t|nov|de[cz]|d[ée]c)", re.IGNORECASE
)
LONGEST_LINE = 2000  #: longer lines are prose: nothing numbered is looked for in them


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """What a line is read against: how many items there are, what a mail's children are called, who writes."""

    count: int
    words: WordLists
    picks: Mapping[int, tuple[str, ...]]
    author: str


@dataclass(kw_only=True, slots=True)
class _Begun:
    """A numbered part, line by line."""

    numbers: tuple[int, ...]
    first: str
    raw: list[str]

    @property
    def text(self) -> str:
        return "\n".join((self.first, *self.raw[1:])).strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Start:
    """A line that begins a numbered part; wrong when one of its numbers is no item."""

    numbers: tuple[int, ...]
    rest: str
    mark: str
    wrong: bool


def read_digest_answer(
    trimmed: Trimmed, count: int, words: WordLists, *, digest: Digest | None = None, author: str = ""
) -> DigestAnswer:
    """What each of *count* items gets. Every new word is in exactly one part, in `unplaced`, or a mere greeting.

    *author*: the teacher's name, which is no news below a command.
    """
    picks = {item.number: tuple(pick.name for pick in item.picks) for item in digest.items} if digest else {}
    reader = _Reader(count=count, words=words, picks=picks, author=author)
    under: dict[int, list[str]] = {}
    found = DigestAnswer(parts=())
    for span in trimmed.spans:
        if span.kind is not SpanKind.NEW or not (text := _typed(trimmed.body[span.start : span.end])):
            continue
        if span.after_section is None:
            found = _joined(found, _numbered(text, reader))
        elif _stands_under(trimmed, span, count, digest):
            under.setdefault(span.after_section, []).append(text.strip())
        elif not words.only_thanks(text):
            found = _joined(found, _loose(text, "ambiguous"))
    for number, texts in under.items():
        found = _joined(found, _under(number, "\n\n".join(texts), reader))
    return _each_once(found)


def _typed(text: str) -> str:
    """The words without the marks of a quotation they were typed into; empty when there are none."""
    return "\n".join(_QUOTE_MARKS.sub("", line, count=1) for line in text.split("\n")) if text.strip() else ""


def _stands_under(trimmed: Trimmed, span: Span, count: int, digest: Digest | None) -> bool:
    """Do the quoted line right above and the last heading above name the same item?"""
    number = span.after_section
    if number is None or not 1 <= number <= count:
        return False
    return digest is None or item_above(trimmed.body[: span.start], digest) == number


def _under(number: int, text: str, reader: _Reader) -> DigestAnswer:
    """Words written right under a quoted item: a command, or an answer to it; other items' numbers contradict it."""
    lines = text.split("\n")
    starts = [start for line in lines if (start := _start(line, reader))]
    if (stopped := _stopped(lines[0], reader.count)) and command(lines[0]) is not Deed.STOP:
        same = stopped == (number,) and len(lines) == 1
        return DigestAnswer(parts=(Part(numbers=(number,), deed=Deed.STOP, raw=text),)) if same else _loose(text)
    if any(start.numbers != (number,) for start in starts) or len(starts) > 1:
        return _loose(text, "ambiguous")
    own = _start(lines[0], reader)
    if starts and own is None:
        return _loose(text, "ambiguous")
    begun = _Begun(numbers=(number,), first=own.rest if own else lines[0], raw=lines)
    return _closed(begun, reader)


def _numbered(text: str, reader: _Reader) -> DigestAnswer:
    """The numbered parts of one stretch of text, and the words before the first number."""
    loose: list[str] = []
    begun: list[_Begun] = []
    stops: list[Part] = []
    stray: list[list[str]] = []
    into = loose
    for line in text.split("\n"):
        start = _start(line, reader)
        if (numbers := _stopped(line, reader.count)) and not (begun and command(line) is Deed.STOP):
            known = all(1 <= number <= reader.count for number in numbers)
            stops += [Part(numbers=numbers, deed=Deed.STOP, raw=line)] if known else []
            stray += [] if known else [[line]]
        elif start is None:
            into.append(line)
        elif _may_be_a_list(start, begun, "\n".join(loose), reader):
            return _loose(text, "ambiguous")
        elif start.wrong:
            stray.append(into := [line])
        else:
            begun.append(_Begun(numbers=start.numbers, first=start.rest, raw=[line]))
            into = begun[-1].raw
    found = DigestAnswer(parts=tuple(stops))
    said = "\n".join(line for line in loose if not (stops and _closing(line, reader)))
    if said.strip() and not reader.words.only_thanks(said):
        found = _joined(found, _loose(said))
    for lines in stray:
        found = _joined(found, _loose("\n".join(lines), "wrong-number"))
    for part in begun:
        found = _joined(found, _closed(part, reader))
    return found


def _may_be_a_list(start: _Start, begun: list[_Begun], loose: str, reader: _Reader) -> bool:
    """Could this be the first, second, … point of a list, or a date, rather than the number of an item?"""
    if start.mark not in _LIST_MARKS:
        return False
    if start.mark == "." and _MONTH.match(start.rest):
        return True
    if not begun:
        return bool(loose.strip()) and not reader.words.only_thanks(loose)
    return start.wrong or min(start.numbers) <= max(begun[-1].numbers)


def _closed(begun: _Begun, reader: _Reader) -> DigestAnswer:
    """A command and what is written below it, which nobody gets; or an answer."""
    raw = "\n".join(begun.raw).strip()
    said = [line for line in begun.text.split("\n") if line.strip()]
    if not said:
        return DigestAnswer(parts=())
    deed, text = _deed(said[0], begun.numbers, reader)
    if deed is None:
        return DigestAnswer(parts=(Part(numbers=begun.numbers, deed=Deed.ANSWER, text=begun.text, raw=raw),))
    found = DigestAnswer(parts=(Part(numbers=begun.numbers, deed=deed, text=text, raw=raw),))
    below = "\n".join(line for line in said[1:] if not _closing(line, reader))
    return _joined(found, _loose(below)) if below else found


def _deed(line: str, numbers: tuple[int, ...], reader: _Reader) -> tuple[Deed | None, str]:
    if len(numbers) == 1:
        picked = [name for name in reader.picks.get(numbers[0], ()) if fold(name) == fold(line.strip(" .!:)→->"))]
        if len(picked) == 1:
            return Deed.CHILD, picked[0]
    return command(line), ""


def _closing(line: str, reader: _Reader) -> bool:
    """A greeting, a sign-off, or the author's own name."""
    said = fold(line).strip(" ,.!;-–—")
    names = fold(reader.author).split()
    return reader.words.only_thanks(line) or said in patterns().sign_offs or all(word in names for word in said.split())


def _each_once(found: DigestAnswer) -> DigestAnswer:
    """Without the parts whose number has two answers: nobody can say which of them holds."""
    times = Counter(number for part in found.parts if part.deed is not Deed.STOP for number in set(part.numbers))
    twice = [part for part in found.parts if part.deed is not Deed.STOP and any(times[one] > 1 for one in part.numbers)]
    kept = replace(found, parts=tuple(part for part in found.parts if part not in twice))
    for part in twice:
        kept = _joined(kept, _loose(part.raw, "number-twice"))
    return kept


def _start(line: str, reader: _Reader) -> _Start | None:
    """Where a numbered part begins; None for any other line."""
    if len(line) > LONGEST_LINE:
        return None
    mark, rest = "", ""
    if marked := _MARKED.match(line):
        said, mark, rest = marked[1], marked[2], marked[3]
    elif bare := _BARE.match(line):
        said, rest = bare[1], bare[2]
        if _deed(rest, _numbers(said), reader)[0] is None:
            return None
    else:
        return None
    numbers = _numbers(said)
    wrong = not all(1 <= number <= reader.count for number in numbers)
    return _Start(numbers=numbers, rest=rest, mark=mark, wrong=wrong)


def _numbers(said: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(number) for number in re.findall(r"\d+", said)))


def _stopped(line: str, count: int) -> tuple[int, ...]:
    """The numbers a line takes back; those of all items when it names none."""
    said = _STOP.match(line) if len(line) <= LONGEST_LINE else None
    if said or command(line) is Deed.STOP:
        return (_numbers(said[1]) if said else ()) or tuple(range(1, count + 1))
    return ()


def takes_back(text: str, words: WordLists, author: str) -> bool:
    """Is it nothing but the wish to take something back, with a number or without, and perhaps a sign-off?"""
    first, *below = text.strip().split("\n")
    reader = _Reader(count=1, words=words, picks={}, author=author)
    return bool(_stopped(first, 1)) and all(not line.strip() or _closing(line, reader) for line in below)


def command(line: str) -> Deed | None:
    """The deed a line of nothing but its words asks for."""
    said = " ".join(line.casefold().split()).strip(" .!:)→->")
    return next((deed for deed, phrases in COMMANDS.items() if said in phrases), None)


def _loose(text: str, why: str = "no-item") -> DigestAnswer:
    return DigestAnswer(parts=(), unplaced=text.strip(), why=(why,), pieces=1)


def _joined(first: DigestAnswer, second: DigestAnswer) -> DigestAnswer:
    return DigestAnswer(
        parts=(*first.parts, *second.parts),
        unplaced="\n\n".join(_said((first.unplaced, second.unplaced))),
        why=tuple(dict.fromkeys((*first.why, *second.why))),
        pieces=first.pieces + second.pieces,
    )


def _said(texts: Iterable[str]) -> Iterable[str]:
    return (text for text in texts if text)
