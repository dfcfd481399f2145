"""The hold stands in the database until a person ends it, and keeps the reason it was begun with."""

from storage import hold, lease
from storage.clock import database_now
from storage.database import Database
from storage.tables import Lease


def test_it_stands_until_it_is_ended(database):
    assert hold.reason(database) == ""

    hold.begin(database, "the office held it")
    hold.begin(database, "another reason")

    assert hold.reason(database) == "the office held it"
    assert hold.end(database)
    assert hold.reason(database) == ""
    assert not hold.end(database)


def test_another_connection_sees_it_and_no_process_can_take_it(database, database_url):
    hold.begin(database, "the office held it")
    database.close()
    other = Database(database_url)

    assert hold.reason(other) == "the office held it"
    assert not lease.take(other, hold.NAME, "a process", 1)
    assert Lease.select().where(Lease.until > database_now(other, plus_seconds=50 * 365 * 86_400)).exists()
    other.close()


def test_what_is_rolled_back_holds_nothing(database):
    with database.engine.atomic() as outer:
        hold.begin(database, "never mind")
        assert hold.reason(database)
        outer.rollback()

    assert hold.reason(database) == ""
