"""Families and households, derived from who is whose guardian.

*Family*: children joined by a shared guardian, with all their guardians. *Household*: guardians of a family who live
together, as far as the roster can tell. Letters go to guardians one by one, so a wrong guess here can tell nobody
anything; it only counts and groups.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from school.joined import Joined
from school.people import Guardian
from school.roster.roster import Roster


@dataclass(frozen=True, kw_only=True, slots=True)
class Household:
    guardian_ids: tuple[str, ...]
    child_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    id: str  #: the smallest child id of the family: stable while that child stays
    child_ids: tuple[str, ...]
    guardian_ids: tuple[str, ...]
    households: tuple[Household, ...]


def families(roster: Roster) -> tuple[Family, ...]:
    """Every child in exactly one family, sorted by family id. Only a shared guardian joins children, never a name.

    Step-families chain: two children who share no guardian are one family when a half-sibling joins them. A barred
    guardian counts too: a bar says what he may hear, not whose father he is.
    """
    joined = Joined()
    children_of: dict[str, set[str]] = defaultdict(set)
    known = {child.id for child in roster.children}
    guardians = {guardian.id: guardian for guardian in roster.guardians}
    for tie in roster.guardianships:
        if tie.child_id in known and tie.guardian_id in guardians:
            joined.join(("child", tie.child_id), ("guardian", tie.guardian_id))
            children_of[tie.guardian_id].add(tie.child_id)
    members: dict[Hashable, list[str]] = defaultdict(list)
    for child_id in known:
        members[joined.root(("child", child_id))].append(child_id)
    parents: dict[Hashable, list[str]] = defaultdict(list)
    for guardian_id in children_of:
        parents[joined.root(("guardian", guardian_id))].append(guardian_id)
    homes = dict(roster.home_keys)
    found = (
        _family(child_ids, [guardians[id_] for id_ in sorted(parents.get(root, ()))], children_of, homes)
        for root, child_ids in members.items()
    )
    return tuple(sorted(found, key=lambda family: family.id))


def _family(
    child_ids: list[str],
    guardians: list[Guardian],
    children_of: Mapping[str, set[str]],
    homes: Mapping[str, str],
) -> Family:
    return Family(
        id=min(child_ids),
        child_ids=tuple(sorted(child_ids)),
        guardian_ids=tuple(guardian.id for guardian in guardians),
        households=tuple(_households(guardians, children_of, homes)),
    )


def _households(
    guardians: list[Guardian], children_of: Mapping[str, set[str]], homes: Mapping[str, str]
) -> Iterable[Household]:
    """Who lives together: a household key decides; without one the same children and one more thing in common."""
    joined = Joined()
    for guardian in guardians:
        own = ("guardian", guardian.id)
        joined.root(own)
        if guardian.id in homes:
            joined.join(own, ("home", homes[guardian.id]))
            continue
        children = "\0".join(sorted(children_of[guardian.id]))
        for sign in _signs(guardian):
            joined.join(own, (children, sign))
    together: dict[Hashable, list[str]] = defaultdict(list)
    for guardian in guardians:
        together[joined.root(("guardian", guardian.id))].append(guardian.id)
    for ids in sorted(together.values()):
        child_ids = set[str]().union(*(children_of[id_] for id_ in ids))
        yield Household(guardian_ids=tuple(ids), child_ids=tuple(sorted(child_ids)))


def _signs(guardian: Guardian) -> list[str]:
    """What two guardians of the same children may have in common when they live together."""
    name = unicodedata.normalize("NFKD", guardian.family_name.casefold())
    signs = (
        ("name", "".join(sign for sign in name if sign.isalnum())),
        ("address", guardian.address.casefold()),
        ("phone", re.sub(r"\D+", "", guardian.phone)),
    )
    return [f"{what}:{value}" for what, value in signs if value]
