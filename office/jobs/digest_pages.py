"""What one teacher's digest holds, and the buttons on it that are no answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from mailer.digest import OpenMail, Waiting
from office.wiring import House
from school.command import LIFE, Command, StaffDeed
from school.people import Teacher
from school.rhythm import DigestRhythm


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What one teacher's digest holds."""

    teacher: Teacher
    waiting: tuple[Waiting, ...]
    opened: tuple[OpenMail, ...]
    rhythms: Mapping[DigestRhythm, int] = field(
        default_factory=dict
    )  #: public ids of the buttons that change how often


def commands(page: Page, now: datetime) -> Iterator[Command]:
    """Every button of the page that is not an answer."""
    expires, teacher_id = now + LIFE, page.teacher.id
    for held in page.waiting:
        if held.not_mine_id is not None:
            yield Command(
                public_id=held.not_mine_id,
                teacher_id=teacher_id,
                deed=StaffDeed.NOT_MINE,
                expires=expires,
                conversation_id=held.conversation.id,
            )
    for rhythm, public_id in page.rhythms.items():
        yield Command(
            public_id=public_id, teacher_id=teacher_id, deed=StaffDeed.RHYTHM, expires=expires, role=rhythm.value
        )
    for mail in page.opened:
        for pick in mail.picks:
            yield Command(
                public_id=pick.public_id,
                teacher_id=teacher_id,
                deed=StaffDeed.CHILD,
                expires=expires,
                spool_id=mail.spool_id,
                child_id=pick.child.id,
                role=pick.role,
            )


def with_buttons(house: House, waiting: Iterable[Waiting]) -> tuple[Waiting, ...]:
    """Each with an id for its button "this is not for me"."""
    return tuple(replace(held, not_mine_id=house.postmark.new_public_id()) for held in waiting)
