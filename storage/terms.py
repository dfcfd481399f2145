"""Terms and holidays as they are kept: terms by their id, holidays by the file they came from."""

from collections.abc import Iterable

from peewee import EXCLUDED

from school.term import Holiday, Term
from storage import tables
from storage.database import Database


class TermStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def terms(self) -> tuple[Term, ...]:
        """Every term, by its first day."""
        rows = tables.Term.select().order_by(tables.Term.begins, tables.Term.ends, tables.Term.id)
        return tuple(Term(id=row.id, title=row.title, begins=row.begins, ends=row.ends, kind=row.kind) for row in rows)

    def holidays(self) -> tuple[Holiday, ...]:
        """Every holiday, by its first day; one that two files name alike stands once."""
        rows = tables.Holiday.select().order_by(tables.Holiday.first, tables.Holiday.last, tables.Holiday.name)
        return tuple(dict.fromkeys(Holiday(name=row.name, first=row.first, last=row.last) for row in rows))

    def add_terms(self, terms: Iterable[Term]) -> None:
        """Keep *terms*; one whose id is known gets its new title and dates."""
        with self.database.transaction():
            for term in terms:
                row = {
                    "id": term.id,
                    "title": term.title,
                    "kind": term.kind,
                    "begins": term.begins,
                    "ends": term.ends,
                }
                changes = {name: getattr(EXCLUDED, name) for name in row if name != "id"}
                tables.Term.insert(row).on_conflict(conflict_target=[tables.Term.id], update=changes).execute()

    def replace_holidays(self, holidays: Iterable[Holiday], source: str = "") -> None:
        """Keep *holidays* as all that *source* (a file's name) says; what other sources said stays."""
        rows = [
            {"name": holiday.name, "first": holiday.first, "last": holiday.last, "source": source}
            for holiday in holidays
        ]
        with self.database.transaction():
            tables.Holiday.delete().where(tables.Holiday.source == source).execute()
            for row in rows:
                tables.Holiday.insert(row).execute()

    def holiday_sources(self) -> tuple[str, ...]:
        """The files holidays came from; `replace_holidays((), source)` forgets one."""
        rows = tables.Holiday.select(tables.Holiday.source).distinct().order_by(tables.Holiday.source)
        return tuple(row.source for row in rows)
