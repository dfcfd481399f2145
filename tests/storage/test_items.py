"""Items come back exactly as put, an edit changes them, and an approval names exact content."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from school.issue import Audience, AudienceKind, Event, Item, ItemKind, ItemText
from storage.items import Approval, ItemStore

FRIDAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PICNIC = Item(
    id="2026-11-27/picnic",
    issue_date=FRIDAY,
    kind=ItemKind.EVENT,
    audience=Audience(kind=AudienceKind.SCHOOL),
    texts={"en": ItemText(title="Picnic", body="Bring *soup*."), "ar": ItemText(title="نزهة", body="حساء")},
    event=Event(
        begins=datetime.fromisoformat("2026-12-04T15:30+01:00"),
        ends=datetime.fromisoformat("2026-12-04T18:00+01:00"),
        place="Garden",
    ),
)
MUSIC = Item(
    id="2026-11-27/music",
    issue_date=FRIDAY,
    kind=ItemKind.QUESTION,
    audience=Audience(kind=AudienceKind.CLASS, id="3B"),
    texts={"en": ItemText(title="Songs", body="Which ones?")},
    role="music",
)


def test_items_come_back_as_put_with_aware_times(database):
    store = ItemStore(database)

    assert store.put([PICNIC, MUSIC], NOW) == (2, 0, 0)
    found = {item.id: item for item in store.for_issue(FRIDAY)}
    assert found == {PICNIC.id: PICNIC, MUSIC.id: MUSIC}
    assert found[PICNIC.id].event.begins.utcoffset() == timedelta(hours=1)


def test_putting_again_changes_nothing_and_an_edit_changes_one(database):
    store = ItemStore(database)
    store.put([PICNIC, MUSIC], NOW)
    edited = replace(MUSIC, texts={"en": ItemText(title="Songs", body="Which one?")})

    assert store.put([PICNIC, MUSIC], NOW) == (0, 0, 2)
    assert store.put([PICNIC, edited], NOW + timedelta(days=1)) == (0, 1, 1)
    assert edited in store.for_issue(FRIDAY)


def test_items_stay_in_the_order_they_were_first_added(database):
    store = ItemStore(database)
    store.put([PICNIC], NOW)
    store.put([MUSIC], NOW + timedelta(hours=1))
    store.put([replace(PICNIC, role="class")], NOW + timedelta(hours=2))

    assert [item.id for item in store.for_issue(FRIDAY)] == [PICNIC.id, MUSIC.id]


def test_one_bad_item_keeps_all_out(database):
    store = ItemStore(database)
    naive = Event(begins=datetime(2026, 12, 4, 9), ends=datetime(2026, 12, 4, 10))  # noqa: DTZ001 - the fact tested

    with pytest.raises(ValueError, match="no zone"):
        store.put([MUSIC, replace(PICNIC, event=naive)], NOW)

    assert store.all_dates() == ()


def test_items_are_found_by_date_and_can_be_removed(database):
    store = ItemStore(database)
    later = replace(MUSIC, id="2026-12-04/music", issue_date=date(2026, 12, 4))
    store.put([PICNIC, later], NOW)

    assert store.all_dates() == (FRIDAY, date(2026, 12, 4))
    assert store.by_date() == {FRIDAY: (PICNIC,), date(2026, 12, 4): (later,)}
    assert (store.remove(PICNIC.id), store.remove(PICNIC.id)) == (True, False)
    assert store.all_dates() == (date(2026, 12, 4),)


def test_an_approval_names_exact_content_and_a_later_one_takes_its_place(database):
    store = ItemStore(database)
    store.approve(FRIDAY, "aa", NOW)
    store.approve(FRIDAY, "bb", NOW + timedelta(hours=1))

    assert store.approval(FRIDAY) == Approval(content_hash="bb", approved_at=NOW + timedelta(hours=1))
    assert store.approval(date(2026, 12, 4)) is None
