"""One whole week of a school, from the roster to the teachers' answers, and the proof that nothing went astray.

Friday   the roster is imported, the issue published and delivered
weekend  families answer with their own mail programs; machines answer too
Monday   everything is fetched and filed, teachers get their digests and answer from their mail programs
Tuesday  the answers reach the families, in their threads; some answer again
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from office.demo.answers import answer_problems, teachers_answer
from office.demo.check import Checked, check, digest_problems, readers
from office.demo.opening import open_school
from office.demo.pages import Shown, write_pages
from office.demo.sample_school import SampleSchool, sample_school
from office.demo.script import Mail, Script, families_answer
from office.demo.servers import Delivered, DemoImap, DemoSmtp
from office.jobs.delivering import deliver
from office.jobs.digests import plan_digests
from office.jobs.polling import poll
from office.jobs.publishing import publish_day
from office.wiring import House

ZONE = ZoneInfo("Europe/Dublin")
FRIDAY = 4
ANSWER_AGAIN = 3
OWNER = "demo"
STEPS = ("opening", "publishing", "delivering", "answering", "filing", "digests", "teachers", "again", "pages")
Progress = Callable[[str, int, int], None]  #: (step, done, total)


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """All mails of one kind: how many there were, and how many are where they should be."""

    what: str
    count: int
    right: int
    states: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoSummary:
    """What happened, in numbers; `problems` is empty when every mail is where it should be."""

    families: int
    children: int
    guardians: int
    teachers: int
    items: int
    letters: int
    skipped: dict[str, int]  #: guardians without a letter, by reason
    refused: int
    cases: tuple[Case, ...]
    digests: int
    answers: int
    problems: tuple[str, ...]
    seconds: dict[str, float]
    index: Path

    @property
    def mails(self) -> int:
        return sum(case.count for case in self.cases)


def run_demo(folder: Path, families: int, now: datetime, progress: Progress) -> DemoSummary:
    """The week that began on the Friday on or before *now*, lived through in *folder*."""
    today = now.astimezone(ZONE).date()
    friday = today - timedelta(days=(today.weekday() - FRIDAY) % 7)
    school = sample_school(families, today=friday)
    with DemoSmtp(refuse=_refused(school)) as smtp, DemoImap() as imap:
        return _Week(school=school, friday=friday, folder=folder, smtp=smtp, imap=imap, progress=progress).live()


@dataclass(kw_only=True)
class _Week:
    school: SampleSchool
    friday: date
    folder: Path
    smtp: DemoSmtp
    imap: DemoImap
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)

    def live(self) -> DemoSummary:
        """Step after step; each is timed, and each leaves what went wrong in `problems`."""
        with self._step("opening"):
            opened = open_school(self.folder, self.school, self.friday, (self.smtp, self.imap), self._at(0, 12))
        house = opened.house
        with self._step("publishing"):
            published = publish_day(house, self.friday, self._at(0, 15))
        with self._step("delivering"):
            letters, refused = self._deliver(house, self._at(0, 15))
        with self._step("answering"):
            mails = self._families_answer(letters)
        with self._step("filing"):
            self._poll(house, mails, self._at(3, 8))
        with self._step("digests"):
            digests = self._digests(house, self._at(3, 15))
        with self._step("teachers"):
            answers = self._teachers_answer(house, digests)
        with self._step("again"):
            self._answer_again(house, answers)
        with self._step("pages"):
            shown = Shown(
                school=self.school, letters=letters, digests=digests, answers=answers, checked=tuple(self.checked)
            )
            index = write_pages(self.folder / "pages", house, shown, self.problems)
        for mailbox in house.mailboxes:
            mailbox.close()
        house.database.close()
        return DemoSummary(
            families=opened.families,
            children=len(self.school.roster.children),
            guardians=len(self.school.roster.guardians),
            teachers=len(self.school.roster.teachers),
            items=opened.items,
            letters=len(letters),
            skipped=dict(sorted(Counter(held.reason for held in published.skipped).items())),
            refused=refused,
            cases=_cases(self.checked),
            digests=len(digests),
            answers=len(answers),
            problems=tuple(self.problems),
            seconds=self.seconds,
            index=index,
        )

    # ---- the steps ----

    def _deliver(self, house: House, now: datetime) -> tuple[tuple[Delivered, ...], int]:
        """(what the server got, how many letters it refused)."""
        report = deliver(house, OWNER, lambda: now)
        if report.trouble:
            self.problems.append(report.trouble)
        return self.smtp.take(), report.failed

    def _families_answer(self, letters: Sequence[Delivered]) -> tuple[Mail, ...]:
        ids = {guardian.address: guardian.id for guardian in self.school.roster.guardians}
        received = {ids[letter.recipients[0]]: (letter.raw, letter.envelope_from) for letter in letters}
        if len(received) != len(letters):
            self.problems.append(f"{len(letters)} letters went to {len(received)} guardians")
        mails = families_answer(self.school, received, self._at(1, 9))
        self._put_into_mailbox(mails)
        return mails

    def _poll(self, house: House, mails: Sequence[Mail], now: datetime) -> list[Checked]:
        """Everything fetched, filed and compared with what the script expects."""
        polled = poll(house, now)
        found = check(mails, polled.outcomes, readers(house, now.astimezone(ZONE).date()))
        self.checked += found
        for checked in found:
            mail = checked.mail
            self.problems += [
                f"{mail.what} from {mail.author_id} ({mail.client}): {problem}" for problem in checked.problems
            ]
        if polled.fetched != len(mails):
            self.problems.append(f"{polled.fetched} mails fetched of {len(mails)}")
        return found

    def _digests(self, house: House, now: datetime) -> dict[str, bytes]:
        """Each teacher's digest as it arrived, by her id."""
        plan_digests(house, now.date(), now)
        letters, _ = self._deliver(house, now)
        ids = {teacher.address: teacher.id for teacher in self.school.roster.teachers}
        digests = {ids[held.recipients[0]]: held.raw for held in letters if held.recipients[0] in ids}
        self.problems += digest_problems(self.checked, digests)
        return digests

    def _teachers_answer(self, house: House, digests: dict[str, bytes]) -> dict[str, bytes]:
        """The answers as families got them, by the Message-ID of what they had asked."""
        answers = teachers_answer(self.school.roster.teachers, digests, self.checked, self._at(3, 18))
        mails = [answered.mail for answered in answers]
        self._put_into_mailbox(mails)
        self._poll(house, mails, self._at(4, 7))
        letters, _ = self._deliver(house, self._at(4, 7))
        guardians = {guardian.id: guardian for guardian in self.school.roster.guardians}
        problems, received = answer_problems(answers, letters, guardians)
        self.problems += problems
        return received

    def _answer_again(self, house: House, answers: dict[str, bytes]) -> None:
        script = Script(school=self.school, begins=self._at(4, 9))
        guardians = {guardian.id: guardian for guardian in self.school.roster.guardians}
        asked = [checked.mail for checked in self.checked if checked.mail.message_id in answers]
        for mail in islice(asked, ANSWER_AGAIN):
            script.answers_again(answers[mail.message_id], mail, guardians[mail.author_id])
        self._put_into_mailbox(script.mails)
        self._poll(house, script.mails, self._at(4, 12))

    # ---- small things ----

    def _put_into_mailbox(self, mails: Sequence[Mail]) -> None:
        self.imap.append_all((mail.raw, mail.at) for mail in mails)

    def _at(self, days: int, hour: int) -> datetime:
        """So many days after the Friday, at ten past the hour, school time."""
        day = self.friday + timedelta(days=days)
        return datetime(day.year, day.month, day.day, hour, 10, tzinfo=ZONE)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.progress(name, STEPS.index(name), len(STEPS))
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 3)
        self.progress(name, STEPS.index(name) + 1, len(STEPS))


def _refused(school: SampleSchool) -> list[str]:
    """One address the mail server refuses: the last family's, when there are more than the cast."""
    generated = [guardian.address for guardian in school.roster.guardians if guardian.id[2].isdigit()]
    return generated[-1:]


def _cases(checked: Sequence[Checked]) -> tuple[Case, ...]:
    """One line for each kind of mail, in the order they came."""
    kinds = dict.fromkeys(held.mail.what for held in checked)
    return tuple(
        Case(
            what=what,
            count=len(mine),
            right=sum(not held.problems for held in mine),
            states=", ".join(f"{count} {state}" for state, count in Counter(held.state for held in mine).most_common()),
        )
        for what in kinds
        if (mine := [held for held in checked if held.mail.what == what])
    )
