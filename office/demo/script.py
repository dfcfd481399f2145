"""Who answers the demo's letter, how, and where each answer must be found afterwards.

What must come of an answer is worked out from the sample school alone; nothing of the program is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from office.demo import words as say
from office.demo.arrival import arrived
from office.demo.clients import CLIENTS, File, reply, write_new
from office.demo.machines import bounce, calendar_accept, read_receipt, vacation_notice
from office.demo.sample_school import SampleSchool
from school.people import CLASS_TEACHER, Child, Guardian, Teacher

SHARE_THAT_ANSWERS = 0.62
AWAKE_HOURS = 12
PHOTO = Path(__file__).with_name("hedgehog.jpg")
FILED, TRAY = frozenset({"filed"}), frozenset({"triage", "asked", "held", "unmatched"})
COURTESY, IGNORED = frozenset({"courtesy"}), frozenset({"ignored"})

#: What machines send, and the kind the program must see in it.
MACHINES = {
    "a vacation notice": "auto",
    "an Exchange absence": "auto",
    "a bounce": "bounce",
    "a read receipt": "system",
    "a calendar's answer": "system",
}
#: The mail programs people write with, in turn, by the language they speak.
PROGRAMS = {
    "en": tuple(name for name, client in CLIENTS.items() if client.language == "en"),
    "es": ("gmail-es", "iphone-es", "outlook-desktop-es"),
    "ar": ("gmail-ar", "iphone-ar", "outlook-web-ar"),
    "zh-Hans": ("gmail-zh", "qq", "iphone-zh"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """Where an answer must be: on one child's record for one role, or in a state that no teacher sees."""

    states: frozenset[str]
    kind: str = "human"
    child_id: str = ""
    role: str = ""
    text: str = ""  #: all that a teacher may read of it
    teacher_ids: frozenset[str] = frozenset()  #: everybody who may


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """One mail of the demo on its way to the school."""

    what: str  #: the case, in words
    author_id: str
    client: str
    raw: bytes
    at: datetime
    message_id: str
    expected: Expected


@dataclass(frozen=True, kw_only=True, slots=True)
class Household:
    """One guardian with what the script needs: her letter, her children of today, their teachers."""

    guardian: Guardian
    letter: bytes
    envelope_from: str
    children: tuple[Child, ...]

    @property
    def author(self) -> tuple[str, str]:
        return (self.guardian.full_name, self.guardian.address)


@dataclass(slots=True)
class Script:
    """Writes the families' mails, one after another, over a weekend."""

    school: SampleSchool
    begins: datetime
    mails: list[Mail] = field(default_factory=list)
    teachers: dict[str, Teacher] = field(default_factory=dict)  #: class teacher by child id

    def __post_init__(self) -> None:
        self.teachers = class_teachers(self.school)

    # ---- what they do ----

    def plain_reply(self, home: Household, child: Child) -> None:
        """Reply in a family with one child: there is one place to go."""
        self._send("plain Reply, one child", home, self._family_words(home, child), self.filed(child))

    def button(self, home: Household, child: Child) -> None:
        """A section's own button in a family with several children."""
        words = self._family_words(home, child)
        self._send("a section's button, several children", home, words, self.filed(child), button=child.first_name)

    def about_nobody(self, home: Household) -> None:
        words = say.NOBODY[home.guardian.language].format(n=self.number)
        expected = self.waits()
        teachers = frozenset(self.teachers[child.id].id for child in home.children)
        if len(teachers) == 1:
            # Siblings in one class: the teacher is certain, and she says which of them it is about.
            expected = Expected(states=frozenset({"child_open"}) | TRAY, teacher_ids=teachers)
        self._send("plain Reply, several children, none named", home, words, expected)

    def one_named(self, home: Household) -> None:
        """One child's name: filed there if the parent is told at once, else a person decides. Never at a sibling's."""
        child = home.children[0]
        words = say.ONE_NAMED.format(child=child.first_name, n=self.number)
        expected = self.filed(child, states=FILED | TRAY)
        self._send("plain Reply, several children, one named", home, words, expected)

    def both_named(self, home: Household) -> None:
        child, sibling = home.children[:2]
        words = say.BOTH_NAMED.format(child=child.first_name, sibling=sibling.first_name, n=self.number)
        self._send("plain Reply, two children named", home, words, self.waits())

    def thanks(self, home: Household) -> None:
        self._send("thanks and nothing else", home, say.THANKS, Expected(states=COURTESY))

    def photo(self, home: Household) -> None:
        child = home.children[0]
        files = (File(name=f"IMG_{2000 + self.number}.jpg", content_type="image/jpeg", data=PHOTO.read_bytes()),)
        self._send("a photo", home, say.PHOTO.format(n=self.number), self.filed(child), files=files)

    def serious(self, home: Household) -> None:
        self._send("words for the office only", home, say.SERIOUS.format(n=self.number), self.waits())

    def other_address(self, home: Household) -> None:
        child = home.children[0]
        words = say.OTHER_ADDRESS.format(child=child.first_name, n=self.number)
        author = (home.guardian.full_name, f"work-{home.guardian.address}")
        self._send("from an address we do not know", home, words, self.waits(), author=author)

    def own_mail(self, home: Household) -> None:
        """A mail that answers nothing; the school's own server vouches for its sender."""
        child = home.children[0]
        words = say.OWN_MAIL.format(child=child.first_name, n=self.number)
        self._write_new("a mail of her own, no letter answered", home.guardian, words, self.filed(child))

    def barred(self, guardian: Guardian) -> None:
        self._write_new("from a barred father", guardian, say.BARRED.format(n=self.number), self.waits())

    def stranger(self) -> None:
        stranger = Guardian(id="", given_name="Prize", family_name="Draw", address="winner@example.net")
        words = f"You have won {self.number} million. Answer today."
        states = TRAY | IGNORED
        expected = Expected(states=states, kind="")
        self._write_new("from somebody nobody knows", stranger, words, expected, dmarc="none")

    def machine(self, what: str, home: Household) -> None:
        """What a machine sent: kept, and in nobody's way."""
        at, author, letter = self._next(), home.author, home.letter
        raw = {
            "a vacation notice": lambda: vacation_notice(letter, author, at),
            "an Exchange absence": lambda: vacation_notice(letter, author, at, exchange=True),
            "a bounce": lambda: bounce(letter, author[1], at=at, envelope_from=home.envelope_from),
            "a read receipt": lambda: read_receipt(letter, author, at),
            "a calendar's answer": lambda: calendar_accept(letter, author, at, "picnic@school.test", "Winter picnic"),
        }[what]()
        null = {"a bounce", "a vacation notice", "an Exchange absence"}
        raw = arrived(raw, at, envelope_from="" if what in null else None)
        expected = Expected(states=IGNORED, kind=MACHINES[what])
        self._keep(what, home.guardian.id, "a machine", raw, expected, at=at)

    def answers_again(self, letter: bytes, mail: Mail, guardian: Guardian) -> None:
        """The guardian answers the teacher's answer: the same conversation goes on."""
        words = say.AGAIN.format(n=self.number)
        at = self._next()
        author = (guardian.full_name, guardian.address)
        raw = arrived(reply(letter, mail.client, words, author, at), at)
        expected = Expected(
            states=FILED,
            child_id=mail.expected.child_id,
            role=mail.expected.role,
            text=words,
            teacher_ids=mail.expected.teacher_ids,
        )
        self._keep("an answer to the teacher's answer", guardian.id, mail.client, raw, expected, at=at)

    # ---- what must come of it ----

    def filed(self, child: Child, states: frozenset[str] = FILED) -> Expected:
        teacher = self.teachers[child.id]
        return Expected(states=states, child_id=child.id, role=CLASS_TEACHER, teacher_ids=frozenset({teacher.id}))

    @staticmethod
    def waits() -> Expected:
        return Expected(states=TRAY)

    # ---- writing ----

    @property
    def number(self) -> int:
        """Another one for each mail, so that no two say the same."""
        return len(self.mails) + 3

    def _family_words(self, home: Household, child: Child) -> str:
        sentences = say.FAMILY[home.guardian.language]
        teacher = self.teachers[child.id].shown_name
        return sentences[self.number % len(sentences)].format(n=self.number, child=child.first_name, teacher=teacher)

    def _send(
        self,
        what: str,
        home: Household,
        words: str,
        expected: Expected,
        *,
        button: str | None = None,
        author: tuple[str, str] | None = None,
        files: tuple[File, ...] = (),
    ) -> None:
        programs = PROGRAMS[home.guardian.language]
        client = programs[self.number % len(programs)]
        at = self._next()
        raw = reply(home.letter, client, words, author or home.author, at, via_section_of=button, files=files)
        self._keep(what, home.guardian.id, client, arrived(raw, at), _with_text(expected, words), at=at)

    def _write_new(self, what: str, guardian: Guardian, words: str, expected: Expected, *, dmarc: str = "pass") -> None:
        at = self._next()
        author = (guardian.full_name, guardian.address)
        raw = write_new(words, client="iphone", author=author, at=at, to="reply@school.test", subject="A question")
        raw = arrived(raw, at, dmarc=dmarc)
        self._keep(what, guardian.id, "iphone", raw, _with_text(expected, words), at=at)

    def _keep(self, what: str, author_id: str, client: str, raw: bytes, expected: Expected, *, at: datetime) -> None:
        self.mails.append(
            Mail(
                what=what,
                author_id=author_id,
                client=client,
                raw=raw,
                at=at,
                message_id=message_id_of(raw),
                expected=expected,
            )
        )

    def _next(self) -> datetime:
        """Mails come one after another, in the hours people are awake, until everybody has written within two days."""
        awake = timedelta(hours=AWAKE_HOURS)
        days, passed = divmod(2 * awake / max(60, self.school.families) * len(self.mails), awake)
        return self.begins + timedelta(days=days) + passed


def _machine(what: str, script: "Script", home: Household) -> None:
    script.machine(what, home)


def families_answer(
    school: SampleSchool, letters: Mapping[str, tuple[bytes, str]], begins: datetime
) -> tuple[Mail, ...]:
    """The weekend's mail. *letters* is {guardian id: (letter as delivered, its envelope sender)}."""
    script = Script(school=school, begins=begins)
    homes = households(school, letters)
    single = (home for home in homes if len(home.children) == 1)
    several = (home for home in homes if len({child.id for child in home.children}) > 1)
    for which, count, deed in SPECIAL_CASES:
        for home in islice({"single": single, "several": several}[which], count):
            deed(script, home)
    for home in single:
        if len(script.mails) >= SHARE_THAT_ANSWERS * len(homes):
            break
        script.plain_reply(home, home.children[0])
        for other in islice(several, 1):
            script.button(other, other.children[script.number % len(other.children)])
    for guardian in school.roster.guardians:
        if any(tie.barred and tie.guardian_id == guardian.id for tie in school.roster.guardianships):
            script.barred(guardian)
    script.stranger()
    return tuple(script.mails)


Deed = Callable[[Script, Household], None]

#: One of each kind, as far as there are families for it: which families, how many of them, what they do.
SPECIAL_CASES: tuple[tuple[str, int, Deed], ...] = (
    ("several", 3, Script.about_nobody),
    ("several", 1, Script.one_named),
    ("several", 1, Script.thanks),
    ("several", 1, Script.both_named),
    ("single", 1, Script.photo),
    ("single", 1, Script.serious),
    ("single", 1, Script.other_address),
    ("single", 1, Script.own_mail),
    *(("single", 1, partial(_machine, what)) for what in MACHINES),
)


def households(school: SampleSchool, letters: Mapping[str, tuple[bytes, str]]) -> list[Household]:
    """Every guardian who got a letter and has a child in a class today; the cast first."""
    today = {tie.child_id for tie in school.roster.enrolments if tie.holds(school.today)}
    children = {child.id: child for child in school.roster.children if child.id in today}
    hers: dict[str, list[Child]] = {}
    for tie in school.roster.guardianships:
        if tie.may_hear(school.today) and tie.child_id in children:
            hers.setdefault(tie.guardian_id, []).append(children[tie.child_id])
    found = [
        Household(
            guardian=guardian,
            letter=letters[guardian.id][0],
            envelope_from=letters[guardian.id][1],
            children=tuple(hers[guardian.id]),
        )
        for guardian in school.roster.guardians
        if guardian.id in letters and guardian.id in hers
    ]
    return sorted(found, key=lambda home: home.guardian.id[2].isdigit())


def class_teachers(school: SampleSchool) -> dict[str, Teacher]:
    """The class teacher by child, for children in a class today."""
    people = {teacher.id: teacher for teacher in school.roster.teachers}
    by_class = {tie.class_id: people[tie.teacher_id] for tie in school.roster.assignments if tie.role == CLASS_TEACHER}
    return {
        tie.child_id: by_class[tie.class_id]
        for tie in school.roster.enrolments
        if tie.class_id in by_class and tie.holds(school.today)
    }


def _with_text(expected: Expected, words: str) -> Expected:
    return replace(expected, text=words)


def message_id_of(raw: bytes) -> str:
    """The Message-ID without brackets, as the program keeps it."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    line = next(line for line in head.replace("\r\n ", " ").split("\r\n") if line.lower().startswith("message-id:"))
    return line.partition(":")[2].strip().strip("<>")
