"""One letter of every kind with invented people, made only to see that every template can be set."""

from datetime import datetime

from mailer.render import AnswerPage, DigestEntry, DigestPage, DigestTurn, NoticeKind, NoticePage
from office.wiring import House
from school.issue import Audience, AudienceKind, Edition, Issue, Item, ItemKind, ItemText, Section
from school.people import CLASS_TEACHER, Child, ClassGroup, Guardian, Teacher

NOBODY = "nobody@example.org"


def set_every_kind(house: House, language: str, now: datetime) -> None:
    """Nothing comes out; TemplateError names the file and line that cannot be set in *language*."""
    house.publisher.letter(_edition(language, now), now)
    press = house.press
    press.digest(_digest(now, language))
    press.answer(
        AnswerPage(
            guardian="A Guardian",
            language=language,
            teacher="A Teacher",
            child="A Child",
            words="Words.",
            subject="Re: Words",
            reply_to=NOBODY,
            class_title="1A",
        )
    )
    for kind in NoticeKind:
        press.notice(NoticePage(kind=kind, person="A Guardian", language=language, subject="Words", at=now))


def _edition(language: str, now: datetime) -> Edition:
    text = ItemText(title="A title", body="Some *words*.")
    item = Item(
        id="sample",
        issue_date=now.date(),
        audience=Audience(kind=AudienceKind.SCHOOL),
        kind=ItemKind.NEWS,
        texts={language: text},
    )
    section = Section(
        ordinal=1,
        child=Child(id="c", given_name="A", family_name="Child"),
        class_group=ClassGroup(id="k", title="1A"),
        role=CLASS_TEACHER,
        teachers=(Teacher(id="t", given_name="A", family_name="Teacher", address=NOBODY),),
        items=(item,),
    )
    guardian = Guardian(id="g", given_name="A", family_name="Guardian", address=NOBODY, language=language)
    issue = Issue(date=now.date(), due=now)
    return Edition(issue=issue, guardian=guardian, language=language, shared=(item,), sections=(section,))


def _digest(now: datetime, language: str) -> DigestPage:
    entry = DigestEntry(
        number=1,
        child_id="c",
        child="A Child",
        class_title="1A",
        guardian="A Guardian",
        turns=(DigestTurn(at=now, words="Words."),),
        subject="Words",
        reply_to=NOBODY,
    )
    return DigestPage(teacher="A Teacher", day=now.date(), entries=(entry,), language=language)
