"""Raw mail goes after its time; what a person still needs stays, and a late copy is still known."""

from datetime import UTC, datetime, timedelta

import pytest

from school.delivery import Delivery
from storage.retention import UNDECIDED, Retention
from storage.spool import SpoolStore
from storage.tables import InvalidToken, ProviderId

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def spool(database) -> SpoolStore:
    return SpoolStore(database)


def kept(spool: SpoolStore, uid: int, state: str, at: datetime = NOON) -> int:
    delivery = Delivery(
        account="inbox", folder="INBOX", uidvalidity=1, uid=uid, arrived=at, raw=b"Subject: x\r\n\r\nx\r\n"
    )
    spool_id = spool.keep(delivery, at)
    assert spool_id is not None
    if state != "received":
        spool.finish(
            spool_id, kind="human", state=state, reasons=(), author_id="", content_key=f"k{uid}", message_id="", now=at
        )
    return spool_id


def test_decided_mail_gives_up_its_bytes_after_its_time(database, spool):
    old, young = kept(spool, 1, "filed"), kept(spool, 2, "filed", NOON + timedelta(days=2))

    assert Retention(database).prune_raw(NOON + timedelta(days=1)) == 1

    with pytest.raises(KeyError):
        spool.raw(old)
    assert spool.raw(young).startswith(b"Subject")
    assert spool.spooled(old).content_key == "k1"  # a copy that comes late is still recognised
    assert spool.first_with_content_key("k1", young) == old


@pytest.mark.parametrize("state", UNDECIDED)
def test_what_waits_for_a_person_keeps_its_bytes(database, spool, state):
    waiting = kept(spool, 1, state)

    assert Retention(database).prune_raw(NOON + timedelta(days=4000)) == 0
    assert spool.raw(waiting)


def test_pruning_again_finds_nothing(database, spool):
    kept(spool, 1, "ignored")

    assert [Retention(database).prune_raw(NOON + timedelta(days=1)) for _ in range(2)] == [1, 0]


def test_providers_ids_go_with_the_letters_and_tried_tokens_after_a_day(database):
    for days in (1, 10):
        at = NOON + timedelta(days=days)
        ProviderId.create(id=f"{days}@x", message_id="m", noted_at=at)
        InvalidToken.create(address_hash="a", token_hash=str(days), at=at)

    assert Retention(database).prune_names(NOON + timedelta(days=5), NOON + timedelta(days=5)) == 2
    assert [row.id for row in ProviderId.select()] == ["10@x"]
    assert [row.token_hash for row in InvalidToken.select()] == ["10"]
