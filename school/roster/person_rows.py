"""A line of a users file, in whatever standard, as a person."""

from dataclasses import dataclass

from school.roster.export import KIND_WORDS, Kind, PersonRow, Where
from school.roster.languages import language_tag
from school.roster.notes import Notes
from school.roster.tables import Row, Table
from school.roster.values import address_in, listed, tidy, truth, words

LANGUAGE_COLUMNS = ("metadata.language", "ext_language", "language")
HOME_LANGUAGE_COLUMNS = ("metadata.homeLanguage", "ext_homeLanguage", "homeLanguage")
COLUMNS = (
    "sourcedId",
    "status",
    "enabledUser",
    "orgSourcedIds",
    "role",
    "username",
    "givenName",
    "familyName",
    "preferredGivenName",
    "email",
    "sms",
    "phone",
    "agentSourcedIds",
    *LANGUAGE_COLUMNS,
    *HOME_LANGUAGE_COLUMNS,
)
KNOWN_ROLES = words(
    "administrator aide counselor districtadministrator faculty principal proctor siteadministrator staff "
    "systemadministrator other"
)
PLAIN_KINDS = {word: kind for word, kind in KIND_WORDS.items() if word not in ("professor", "lecturer")}
RELATION_WORDS = frozenset({"guardian", "parent", "relative"})
SHORT_GRADE = 3  #: "ps1" and "PS1" are one grade; "undergraduate" stays as it is


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What a standard knows of a person from other files than users.csv."""

    roles: tuple[str, ...]
    grade: str
    removed: bool = False


def kind_of(role: str, where: Where, notes: Notes) -> Kind | None:
    """What a role word means; None for an empty one. Capitals do not matter: 'Student', 'PROFESSOR'."""
    if role in PLAIN_KINDS:
        return PLAIN_KINDS[role]
    word = role.casefold()
    if not word:
        return None
    kind = KIND_WORDS.get(word)
    if kind is None and word not in KNOWN_ROLES:
        notes.note(*where, f"the role '{role}' has no part in the letters", kind="unknown roles")
    if kind is Kind.TEACHER and word != "teacher":
        notes.note(*where, f"read the role '{role}' as 'teacher'", kind="roles read as teacher")
    return kind or Kind.OTHER


def person_of(table: Table, row: Row, parts: Parts, notes: Notes) -> PersonRow:
    where = Where(table.file, row.line)
    kinds = frozenset(kind for role in parts.roles if (kind := kind_of(role, where, notes)))
    language, home_language = _languages(row, kinds, where, notes)
    return PersonRow(
        id=row["sourcedId"],
        where=where,
        given_name=tidy(row["givenName"]),
        family_name=tidy(row["familyName"]),
        called=tidy(row["preferredGivenName"]),
        address=_address(row, kinds, where, notes),
        phone=row["phone"] or row["sms"],
        language=language,
        home_language=home_language,
        grade=parts.grade.upper() if len(parts.grade) <= SHORT_GRADE else parts.grade,
        kinds=kinds,
        relation=next((role.casefold() for role in parts.roles if role.casefold() in RELATION_WORDS), ""),
        linked_ids=listed(row["agentSourcedIds"]),
        school_ids=listed(row["orgSourcedIds"]),
        enabled=_enabled(row, where, notes),
        removed=parts.removed,
    )


def _enabled(row: Row, where: Where, notes: Notes) -> bool:
    enabled = truth(row["enabledUser"]) if row["enabledUser"] else True
    if enabled is None:
        notes.warning(*where, f"enabledUser is '{row['enabledUser']}': read as true", kind="enabledUser")
    return enabled is not False


def _address(row: Row, kinds: frozenset[Kind], where: Where, notes: Notes) -> str:
    """The e-mail address; a teacher's user name stands in when it is one (SDS v2 has no other)."""
    address, problem = address_in(row["email"])
    if problem:
        notes.warning(*where, f"the email of {row['sourcedId']} {problem}", kind="addresses")
    if address or row["email"] or Kind.TEACHER not in kinds or "@" not in row["username"]:
        return address
    address, _ = address_in(row["username"])
    if address:
        notes.note(*where, f"{row['sourcedId']} has no email: the user name was taken", kind="user names as addresses")
    return address


def _languages(row: Row, kinds: frozenset[Kind], where: Where, notes: Notes) -> tuple[str, str]:
    """(the person's language, the home language a child brings)."""
    own = next((row[column] for column in LANGUAGE_COLUMNS if row[column]), "")
    home = next((row[column] for column in HOME_LANGUAGE_COLUMNS if row[column]), "")
    if Kind.CHILD in kinds:
        return "", _tag(home or own, where, notes)
    return _tag(own or home, where, notes), ""


def _tag(text: str, where: Where, notes: Notes) -> str:
    tag = language_tag(text)
    if tag is None:
        notes.warning(*where, f"the language '{text}' is unknown: left empty", kind="languages")
    return tag or ""
