"""What each column of a one-sheet roster holds, guessed from its header in several languages.

A header is taken apart into words: whom it is about (student, teacher, guardian and which one), and what it tells
(name, e-mail, language …). "Guardian 1 e-mail", "E-Mail Elternteil 1" and "correo 1" are one column.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from school.roster.values import plain, words

STUDENT = words(
    "student students pupil child learner schuler schulerin schulerinnen kind eleve enfant alumno alumna alumnos "
    "estudiante nino nina alunno alunna studente studentessa leerling uczen dziecko aluno aluna"
)
TEACHER = words(
    "teacher lehrer lehrerin lehrkraft klassenlehrer klassenlehrerin klassenlehrkraft enseignant enseignante "
    "professeur maitre maitresse maestro maestra profesor profesora docente tutora insegnante leraar lerares "
    "leerkracht nauczyciel professor professora"
)
GUARDIAN = words(
    "guardian parent parents contact family mother father mum dad mom eltern elternteil sorgeberechtigte "
    "sorgeberechtigter erziehungsberechtigte erziehungsberechtigter mutter vater tuteur responsable responsables mere "
    "pere padre madre tutor genitore genitori ouder verzorger moeder vader rodzic opiekun matka ojciec mae pai"
)
OWN_SLOTS = {
    **dict.fromkeys(("mother", "mum", "mom", "mutter", "mere", "madre", "moeder", "matka", "mae"), "mother"),
    **dict.fromkeys(("father", "dad", "vater", "pere", "padre", "ojciec", "pai"), "father"),
}
CLASS = words("class klasse classe clase klas klasa turma section group form gruppe grupo room homeroom")
SUBJECT = words("subject role fach rolle matiere asignatura materia vak przedmiot disciplina")
EMAIL = words("email mail emails mailadresse emailadresse address adresse correo courriel posta indirizzo adres")
LANGUAGE = words("language sprache familiensprache muttersprache langue idioma lengua lingua taal jezyk lang")
IDENTITY = words("id number nr no nummer identifier matricula numero sourcedid")
GIVEN = words("first given vorname prenom nombre nome voornaam imie forename")
FAMILY = words("last surname nachname familienname nom apellido apellidos cognome achternaam nazwisko sobrenome")
HOUSEHOLD = words("household haushalt foyer hogar home huishouden")
BARRED = words("barred bar gesperrt blocked interdit bloqueado")
PHONE = words("phone mobile telefon tel telephone telefono handy sms telefoon")
GRADE = words("grade jahrgang stufe niveau grado leerjaar year")
CALLED = words("called rufname preferred nickname known")
IGNORED = words("name full of the des der du de del of vor und and s in")


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Column:
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
    places: dict[Column, int] = {}
    guesses, unread, doubled = [], [], []
    for place, header in enumerate(headers):
        column = column_of(header)
        if column is None:
            unread.extend([header] if header else [])
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
    """The column a header means; None when it means nothing to us."""
    words = set(header_words(header))
    numbers = sorted(word for word in words if word.isdigit())
    if words & CLASS and not words & (TEACHER | GUARDIAN):
        return Column(whom="class", what="id" if words & IDENTITY else "name")
    what = _what(words)
    if words & SUBJECT and not words & GUARDIAN:
        return Column(whom="teacher", what="role")
    if words & TEACHER:
        return Column(whom="teacher", what=what or "name")
    if words & GUARDIAN:
        own = next((OWN_SLOTS[word] for word in sorted(words) if word in OWN_SLOTS), "1")
        return Column(whom="guardian", what=what or "name", slot=numbers[0] if numbers else own)
    if words & STUDENT:
        return Column(whom="student", what=what or "name")
    return _of_nobody_named(words, what, numbers)


def _of_nobody_named(words: set[str], what: str, numbers: list[str]) -> Column | None:
    """A header without a person: 'email 1' is guardian 1's, 'language' all guardians', 'first name' the student's."""
    if what in ("email", "phone", "language", "household", "barred", "barred until"):
        alone = "" if what in ("language", "household") else "1"
        return Column(whom="guardian", what=what, slot=numbers[0] if numbers else alone)
    if what in ("given", "family", "called", "grade"):
        return Column(whom="student", what=what)
    return Column(whom="student", what="name") if words and words <= {"name", "full", "nombre", "nom"} else None


def _what(words: set[str]) -> str:
    """What a header tells about a person; empty when only the person is named."""
    if words & BARRED:
        return "barred until" if words & {"until", "bis", "hasta"} else "barred"
    for known, what in (
        (IDENTITY, "id"),
        (EMAIL, "email"),
        (LANGUAGE, "language"),
        (HOUSEHOLD, "household"),
        (PHONE, "phone"),
        (CALLED, "called"),
        (GIVEN, "given"),
        (FAMILY, "family"),
        (GRADE, "grade"),
    ):
        if words & known:
            return what
    return ""
