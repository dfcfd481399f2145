"""Teachers answer what stands in their digests, and each answer must reach the guardian who asked, and nobody else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from office.demo import words as say
from office.demo.arrival import arrived
from office.demo.check import Checked, plain
from office.demo.clients import CLIENTS, reply, teacher_reply
from office.demo.clients.original import Button, answer_buttons
from office.demo.reading import header, words_in
from office.demo.script import TRAY, Expected, Mail, message_id_of
from office.demo.servers import Delivered
from school.people import Guardian, Teacher

ANSWERS_EACH = 4
PACE = timedelta(minutes=2)
PROGRAMS = tuple(name for name, client in CLIENTS.items() if client.language == "en")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """A teacher's mail, and the family's mail it answers; None: a Reply to the whole digest, which goes to nobody."""

    mail: Mail
    teacher: Teacher
    asked: Mail | None


def teachers_answer(
    teachers: Iterable[Teacher], digests: Mapping[str, bytes], families: Iterable[Checked], begins: datetime
) -> list[Answered]:
    """What the teachers write on Monday evening. *digests* is {teacher id: raw digest}."""
    filed = [checked.mail for checked in families if checked.state == "filed"]
    answers: list[Answered] = []
    for teacher in teachers:
        digest = digests.get(teacher.id)
        if digest is None:
            continue
        entries = [(button, asked) for button in answer_buttons(digest) if (asked := _asked(button, filed)) is not None]
        for button, asked in islice(entries, ANSWERS_EACH):
            answers.append(
                _answer(teacher, digest, button, asked, at=begins + PACE * len(answers), number=len(answers))
            )
        if len(entries) > 1 and all(held.asked for held in answers):
            answers.append(_to_everyone(teacher, digest, begins, len(answers)))
    return answers


def answer_problems(
    answers: Iterable[Answered], letters: Iterable[Delivered], guardians: Mapping[str, Guardian]
) -> tuple[list[str], dict[str, bytes]]:
    """(problems, {Message-ID of the family's mail: the answer as it arrived})."""
    arrivals = [(letter, words_in(letter.raw)) for letter in letters]
    problems: list[str] = []
    received: dict[str, bytes] = {}
    for answered in answers:
        words = plain(answered.mail.expected.text)
        found = [letter for letter, text in arrivals if words in text]
        if answered.asked is None:
            others = [letter for letter in found if letter.recipients != (answered.teacher.address,)]
            problems += [f"a Reply to a whole digest went out to {len(others)} families"] if others else []
            continue
        guardian = guardians[answered.asked.author_id]
        if [letter.recipients for letter in found] != [(guardian.address,)]:
            problems.append(f"{answered.teacher.id}'s answer to {guardian.id} arrived {len(found)} times")
            continue
        received[answered.asked.message_id] = found[0].raw
        problems += _thread_problems(answered, answered.asked, found[0].raw)
    return problems, received


def _thread_problems(answered: Answered, asked: Mail, raw: bytes) -> list[str]:
    problems = []
    if header(raw, "In-Reply-To").strip("<>") != asked.message_id:
        problems.append(f"the answer to {asked.author_id} does not stand in her thread")
    if answered.teacher.address.encode() in raw:
        problems.append(f"the answer to {asked.author_id} shows the teacher's own address")
    return problems


def _asked(button: Button, filed: Iterable[Mail]) -> Mail | None:
    """The family's mail whose words stand before this button."""
    return next((mail for mail in filed if plain(mail.expected.text) in button.before), None)


def _answer(teacher: Teacher, digest: bytes, button: Button, asked: Mail, *, at: datetime, number: int) -> Answered:
    words = say.TEACHER[number % len(say.TEACHER)].format(n=number + 11)
    client = PROGRAMS[number % len(PROGRAMS)]
    raw = teacher_reply(digest, button.address, words, client=client, author=_author(teacher), at=at)
    expected = Expected(
        states=frozenset({"filed"}),
        child_id=asked.expected.child_id,
        role=asked.expected.role,
        text=words,
        teacher_ids=frozenset({teacher.id}),
    )
    return Answered(
        mail=_mail("a teacher's answer", teacher, client, raw, expected, at=at), teacher=teacher, asked=asked
    )


def _to_everyone(teacher: Teacher, digest: bytes, begins: datetime, number: int) -> Answered:
    """Plain Reply to a digest of several conversations names none of them: a person must look at it."""
    words = say.EVERYONE.format(n=number + 11)
    client = PROGRAMS[number % len(PROGRAMS)]
    at = begins + PACE * number
    raw = reply(digest, client, words, _author(teacher), at)
    expected = Expected(states=TRAY, text=words)
    return Answered(
        mail=_mail("a Reply to a whole digest", teacher, client, raw, expected, at=at), teacher=teacher, asked=None
    )


def _mail(what: str, teacher: Teacher, client: str, raw: bytes, expected: Expected, *, at: datetime) -> Mail:
    return Mail(
        what=what,
        author_id=teacher.id,
        client=client,
        raw=arrived(raw, at),
        at=at,
        message_id=message_id_of(raw),
        expected=expected,
    )


def _author(teacher: Teacher) -> tuple[str, str]:
    return (f"{teacher.given_name} {teacher.family_name}", teacher.address)
