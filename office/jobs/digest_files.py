"""The files of a digest: what families attached and the list allows, wrapped anew; the rest stays with the office.

A file travels once, with the first digest its message stands in, as an attachment of ours: our name, the type its bytes
show, never shown inline. Nothing is opened or run here.
"""

from collections.abc import Iterable
from dataclasses import replace

from inbox.attachments import Attachment, wrapped_name
from inbox.parse import parse
from mailer.digest import TurnFiles, Waiting
from mailer.parts import Enclosure
from office.wiring import House
from school.conversation import Message
from school.people import Teacher

MOST_BYTES = 7_000_000
"""All files of one digest: about 10 MB as it travels, what every mail server takes."""


def with_files(house: House, waiting: Iterable[Waiting], teacher: Teacher) -> tuple[Waiting, ...]:
    """Each with the files of its messages, until the digest is full."""
    held, room, found = tuple(waiting), MOST_BYTES, []
    shown = house.conversations.times_digested(teacher.id, [turn.id for one in held for turn in one.unanswered])
    for one in held:
        files = {}
        for turn in one.unanswered:
            if turn.attachments:
                files[turn.id] = _files(house, turn, room, again=shown.get(turn.id, 0) > 0)
                room -= sum(len(file.data) for file in files[turn.id].sent)
        found.append(replace(one, files=files))
    return tuple(found)


def _files(house: House, turn: Message, room: int, *, again: bool) -> TurnFiles:
    held = _attachments(house, turn)
    if not held:
        return TurnFiles(kept=turn.attachments)
    if again:
        allowed = tuple(file.name for file in held if file.allowed)
        return TurnFiles(earlier=allowed, kept=tuple(file.name for file in held if not file.allowed))
    sent: list[Enclosure] = []
    kept: list[str] = []
    for file in held:
        if file.allowed and len(file.data) <= room:
            room -= len(file.data)
            sent.append(Enclosure(name=wrapped_name(file), content_type=file.sniffed_type, data=file.data))
        else:
            kept.append(file.name)
    return TurnFiles(sent=tuple(sent), kept=tuple(kept))


def _attachments(house: House, turn: Message) -> tuple[Attachment, ...]:
    """The message's files; none once the bytes of its mail are gone."""
    if turn.spool_id is None:
        return ()
    try:
        raw = house.spool.raw(turn.spool_id)
    except KeyError:
        return ()
    return tuple(file for file in parse(raw).attachments if file.name in turn.attachments)
