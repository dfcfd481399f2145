"""Families and households, derived from who is whose guardian.

*Family*: children joined by a shared guardian, with all their guardians. *Household*: guardians of a family who live
together, as far as the roster can tell. Letters go to guardians one by one, so a wrong guess here can tell nobody
anything; it only counts and groups.
"""

from dataclasses import dataclass


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
