"""Which column is which, when a header is misspelt, old, or written in other capitals."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

OTHER_NAMES: Mapping[str, str] = {
    # seen in public rosters
    "datalastmodified": "dateLastModified",
    "prefferedgivenname": "preferredGivenName",
    "termsourcedid": "termSourcedIds",
    "orgsourcedid": "orgSourcedIds",
    "orgsourcedids": "orgSourcedId",
    "sessionsourcedid": "sessionSourcedIds",
    "agentsourcedid": "agentSourcedIds",
    # OneRoster 1.0
    "agents": "agentSourcedIds",
    "grade": "grades",
    "grades": "grade",
    "userid": "userSourcedId",
    "classid": "classSourcedId",
    "orgid": "orgSourcedId",
    "firstname": "givenName",
    "lastname": "familyName",
    # SDS v1, the UK's variant
    "id": "SIS ID",
    "dfenumber": "SIS ID",
    "schooldfenumber": "School SIS ID",
    "sectionid": "Section SIS ID",
}
"""What a folded header may also mean, where the file has a column of the second name and none of that spelling."""

CLOSE_ENOUGH = 0.9
SHORTEST_GUESS = 8  #: a guess on a short word is no better than chance: "email1" is not "email"


@dataclass(frozen=True, kw_only=True, slots=True)
class Headers:
    places: Mapping[str, int]  #: wanted column → its place in the file
    guesses: tuple[tuple[str, str], ...]  #: (as written, read as)
    doubled: tuple[str, ...]  #: wanted columns that stand there twice
    unread: tuple[str, ...]  #: headers nobody asked for


def fold(header: str) -> str:
    """Letters and digits only, lower case."""
    return re.sub(r"[\W_]+", "", header).casefold()


def match_headers(found: Sequence[str], wanted: Sequence[str]) -> Headers:
    """Where the *wanted* columns stand. An exact name wins over other capitals, a known other name, a near miss."""
    places: dict[str, int] = {}
    guesses: list[tuple[str, str]] = []
    doubled: list[str] = []
    left = [(place, header.strip()) for place, header in enumerate(found) if header.strip()]
    for rule in RULES:
        rest: list[tuple[int, str]] = []
        for place, header in left:
            column = rule(header, wanted, places)
            if column is None:
                rest.append((place, header))
            elif column in places:
                doubled.append(column)
            else:
                places[column] = place
                if column != header:
                    guesses.append((header, column))
        left = rest
    return Headers(
        places=places, guesses=tuple(guesses), doubled=tuple(doubled), unread=tuple(header for _, header in left)
    )


def _exact(header: str, wanted: Sequence[str], _: Mapping[str, int]) -> str | None:
    return header if header in wanted else None


def _other_capitals(header: str, wanted: Sequence[str], _: Mapping[str, int]) -> str | None:
    return next((column for column in wanted if fold(column) == fold(header)), None)


def _known_name(header: str, wanted: Sequence[str], taken: Mapping[str, int]) -> str | None:
    column = OTHER_NAMES.get(fold(header))
    return column if column in wanted and column not in taken else None


def _near_miss(header: str, wanted: Sequence[str], taken: Mapping[str, int]) -> str | None:
    """One slip of the pen in a long name: 'enrolmentSourcedld'. Short names are not guessed."""
    free = {fold(column): column for column in wanted if column not in taken}
    if len(header) < SHORTEST_GUESS:
        return None
    near = difflib.get_close_matches(fold(header), free, n=2, cutoff=CLOSE_ENOUGH)
    return free[near[0]] if len(near) == 1 else None


RULES: tuple[Callable[[str, Sequence[str], Mapping[str, int]], str | None], ...] = (
    _exact,
    _other_capitals,
    _known_name,
    _near_miss,
)
