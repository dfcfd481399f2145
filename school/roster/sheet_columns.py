"""What each column of a one-sheet roster holds, guessed from its header in several languages.

A header is taken apart into words: whom it is about (student, teacher, guardian and which one), and what it tells
(name, e-mail, language …). "Guardian 1 e-mail", "E-Mail Elternteil 1" and "correo 1" are one column.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from school.roster.values import plain, words

STUDENT = words(
    "student students pupil child learner schuler schulerin schulerinnen kind eleve enfant alumno alumna alumnos "
    "estudiante nino nina alunno alunna studente studentessa leerling uczen dziecko aluno aluna"
)
TEACHER = words(
    "teacher lehrer lehrerin lehrkraft klassenlehrer klassenlehrerin klassenlehrkraft enseignant enseignante "
    "professeur maitre maitresse maestro maestra profesor profesora docente insegnante leraar lerares "
    "leerkracht nauczyciel professor professora"
)
GUARDIAN = words(
    "guardian guardians parent parents contact mother father mum dad mom eltern elternteil sorgeberechtigte "
    "sorgeberechtigter erziehungsberechtigte erziehungsberechtigter mutter vater tuteur responsable responsables mere "
    "pere padre madre genitore genitori ouder verzorger moeder vader rodzic opiekun matka ojciec mae pai"
)
OWN_SLOTS = {
    **dict.fromkeys(("mother", "mum", "mom", "mutter", "mere", "madre", "moeder", "matka", "mae"), "mother"),
    **dict.fromkeys(("father", "dad", "vater", "pere", "padre", "ojciec", "pai"), "father"),
}
CLASS = words("class klasse classe clase klas klasa turma section group form gruppe grupo homeroom")
SUBJECT = words("subject role fach rolle matiere asignatura materia vak przedmiot disciplina")
EMAIL = words("email mail emails mailadresse emailadresse correo courriel posta eposta")
LANGUAGE = words("language sprache familiensprache muttersprache langue idioma lengua lingua taal jezyk lang")
IDENTITY = words("id number nr no nummer identifier matricula numero sourcedid")
GIVEN = words("first given vorname prenom nombre nome voornaam imie forename")
FAMILY = words("family last surname nachname familienname nom apellido apellidos cognome achternaam nazwisko sobrenome")
HOUSEHOLD = words("household haushalt foyer hogar huishouden")
BARRED = words("barred bar gesperrt blocked interdit bloqueado")
PHONE = words("phone mobile telefon tel telephone telefono handy sms telefoon")
GRADE = words("grade jahrgang stufe niveau grado leerjaar year")
CALLED = words("called rufname preferred nickname known")
FILLERS = words(
    "name names full of the or and s l d in innen des der du de del la le und et y e person "
    "r legal main primary first second"
)
ESSENTIAL = words("name given family id email barred")  #: two columns of one of these are an error


#: In this order: the "class teacher" is a teacher, the "student's mother" a guardian.
WHOM = {"teacher": TEACHER, "guardian": GUARDIAN, "class": CLASS, "student": STUDENT}


class Column(NamedTuple):
    whom: str  #: "student", "teacher", "class", "guardian"
    what: str  #: "name", "given", "family", "id", "email", "language", "household", "barred", "phone", …
    slot: str = ""  #: which guardian: "1", "2", "mother"; empty for one who stands for all

    def __str__(self) -> str:
        person = f"{self.whom} {self.slot}".strip()
        return person if self.what == "name" else f"{person} {self.what}"


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetColumns:
    places: Mapping[Column, int]
    guesses: tuple[tuple[str, str], ...]  #: (as written, read as), where they differ
    unread: tuple[str, ...]
    doubled: tuple[str, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        """The guardians of a row: '1', '2', 'mother' …"""
        return tuple(sorted({column.slot for column in self.places if column.whom == "guardian" and column.slot}))


def sheet_columns(headers: Sequence[str]) -> SheetColumns:
    """What each column holds. A header that is written just as we name it goes before one that is guessed."""
    places: dict[Column, int] = {}
    guesses, unread, doubled = [], [], []
    named = [(place, header, column_of(header)) for place, header in enumerate(headers) if header]
    for place, header, column in sorted(named, key=lambda entry: plain(entry[1]) != str(entry[2])):
        if column is None or (column in places and column.what not in ESSENTIAL):
            unread.append(header)
        elif column in places:
            doubled.append(header)
        else:
            places[column] = place
            if plain(header) != str(column):
                guesses.append((header, str(column)))
    return SheetColumns(places=places, guesses=tuple(guesses), unread=tuple(unread), doubled=tuple(doubled))


def header_words(header: str) -> tuple[str, ...]:
    """The words of a header, plain and apart from numbers: 'Guardian1 E-Mail' → guardian, 1, email."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", header)
    text = re.sub(r"\be[\W_]?mail", "email", plain(spaced).replace("ß", "ss"))
    return tuple(re.findall(r"[^\W_]+", text))


def column_of(header: str) -> Column | None:
    """The column a header means; None when it means nothing to us, such as "mother's occupation"."""
    words_of_it = set(header_words(header))
    numbers = sorted(word for word in words_of_it if word.isdigit()) or ["2"] * ("second" in words_of_it)
    about = {whom: words_of_it & known for whom, known in WHOM.items()}
    what = _what(words_of_it)
    if not about["guardian"] and words_of_it & SUBJECT:
        return Column(whom="teacher", what="role")
    whom = next((whom for whom, found in about.items() if found), "")
    if not whom:
        return _of_nobody_named(words_of_it, what, numbers)
    if not what and words_of_it - set[str]().union(*about.values()) - FILLERS - set(numbers):
        return None
    if whom == "class":
        return Column(whom="class", what=what if what == "id" else "name")
    if whom != "guardian":
        return Column(whom=whom, what=what or "name")
    own = next((OWN_SLOTS[word] for word in sorted(words_of_it) if word in OWN_SLOTS), "1")
    return Column(whom="guardian", what=what or "name", slot=numbers[0] if numbers else own)


def _of_nobody_named(found: set[str], what: str, numbers: list[str]) -> Column | None:
    """A header without a person: 'email 1' is guardian 1's, 'language' all guardians', 'first name' the student's."""
    if what in ("email", "phone", "language", "household", "barred", "barred until"):
        alone = "" if what in ("language", "household") else "1"
        return Column(whom="guardian", what=what, slot=numbers[0] if numbers else alone)
    if what in ("given", "family", "called", "grade"):
        return Column(whom="student", what=what)
    return Column(whom="student", what="name") if "name" in found and found <= FILLERS else None


def _what(found: set[str]) -> str:
    """What a header tells about a person; empty when only the person is named."""
    if found & BARRED:
        return "barred until" if found & {"until", "bis", "hasta"} else "barred"
    for known, what in (
        (IDENTITY, "id"),
        (EMAIL, "email"),
        (LANGUAGE, "language"),
        (PHONE, "phone"),
        (HOUSEHOLD, "household"),
        (CALLED, "called"),
        (GIVEN, "given"),
        (FAMILY, "family"),
        (GRADE, "grade"),
    ):
        if found & known and not (what == "given" and found & known == {"first"} and "name" not in found):
            return what  # "first guardian" names nobody's first name
    return ""
