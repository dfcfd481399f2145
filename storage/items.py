"""What goes into the letters: items by issue date, and the approval of exactly that content."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from school.issue import Audience, AudienceKind, Event, Item, ItemKind, ItemText
from storage import tables
from storage.database import Database


class PutCount(NamedTuple):
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """Somebody read the proof book of that day and signed exactly this content."""

    content_hash: str
    approved_at: datetime  #: aware


class ItemStore:
    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, items: Iterable[Item], now: datetime) -> PutCount:
        """How many items were added, changed and left as they were; all of them are kept or none."""
        added = changed = unchanged = 0
        with self.database.transaction():
            for item in items:
                row = _columns(item)
                kept = tables.Item.get_or_none(tables.Item.id == item.id)
                if kept is None:
                    tables.Item.insert(id=item.id, added_at=now, **row).execute()
                    added += 1
                elif _item(kept) == item:
                    unchanged += 1
                else:
                    tables.Item.update(**row).where(tables.Item.id == item.id).execute()
                    changed += 1
        return PutCount(added, changed, unchanged)

    def for_issue(self, issue_date: date) -> tuple[Item, ...]:
        """The items of one issue, in the order they were first added."""
        rows = tables.Item.select().where(tables.Item.issue_date == issue_date)
        return tuple(_item(row) for row in rows.order_by(tables.Item.added_at, tables.Item.id))

    def by_date(self) -> dict[date, tuple[Item, ...]]:
        """Every issue's items, as the forecast asks for them."""
        found: dict[date, list[Item]] = {}
        for row in tables.Item.select().order_by(tables.Item.issue_date, tables.Item.added_at, tables.Item.id):
            found.setdefault(row.issue_date, []).append(_item(row))
        return {day: tuple(items) for day, items in found.items()}

    def all_dates(self) -> tuple[date, ...]:
        """The issue dates that have an item, in order."""
        rows = tables.Item.select(tables.Item.issue_date).distinct().order_by(tables.Item.issue_date)
        return tuple(row.issue_date for row in rows)

    def remove(self, item_id: str) -> bool:
        """Was there such an item? It is gone now."""
        with self.database.transaction():
            removed: int = tables.Item.delete().where(tables.Item.id == item_id).execute()
        return removed == 1

    def approve(self, issue_date: date, content_hash: str, now: datetime) -> None:
        """Keep that exactly this content was approved; a later approval takes the place of an earlier one."""
        columns = {"content_hash": content_hash, "approved_at": now}
        insert = tables.Approval.insert(issue_date=issue_date, **columns)
        with self.database.transaction():
            insert.on_conflict(conflict_target=[tables.Approval.issue_date], update=columns).execute()

    def approval(self, issue_date: date) -> Approval | None:
        """The approval of that day, whatever has been edited since: compare its hash with today's content."""
        row = tables.Approval.get_or_none(tables.Approval.issue_date == issue_date)
        return None if row is None else Approval(content_hash=row.content_hash, approved_at=row.approved_at)


# Any: a row's columns and peewee's rows have no types.
def _columns(item: Item) -> dict[str, Any]:
    event = item.event
    return {
        "issue_date": item.issue_date,
        "kind": item.kind.value,
        "audience_kind": item.audience.kind.value,
        "audience_id": item.audience.id,
        "texts": {language: {"title": text.title, "body": text.body} for language, text in item.texts.items()},
        "event": event and {"begins": _kept(event.begins), "ends": _kept(event.ends), "place": event.place},
        "role": item.role,
    }


def _kept(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("an event's time has no zone: give it the school's")
    return moment.isoformat()


# Any: as above.
def _item(row: Any) -> Item:
    event = row.event and Event(
        begins=datetime.fromisoformat(row.event["begins"]),
        ends=datetime.fromisoformat(row.event["ends"]),
        place=row.event["place"],
    )
    return Item(
        id=row.id,
        issue_date=row.issue_date,
        kind=ItemKind(row.kind),
        audience=Audience(kind=AudienceKind(row.audience_kind), id=row.audience_id),
        texts={language: ItemText(**text) for language, text in row.texts.items()},
        event=event or None,
        role=row.role,
    )
