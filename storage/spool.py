"""The spool: every mail as it came, committed before anything else happens to it.

The key (account, folder, uidvalidity, uid) is the only guard against taking a mail twice; IMAP flags are not.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import cast

from isal import isal_zlib
from peewee import EXCLUDED, SQL, InterfaceError, OperationalError, fn

from school.delivery import Delivery, Spooled
from school.errors import TemporaryError
from storage import lease
from storage.database import Database
from storage.fields import Json, Moment
from storage.statement import Statement
from storage.tables import MailboxMark, Spool, SpoolRaw

RECEIVED = "received"
COPY = "copy"
POISON = "poison"
MAX_ATTEMPTS = 3  # design: the third failure sets the mail aside, raw bytes kept, and the next one goes on
PACKING = 2  # ISA-L's, in zlib's format: a third of the time of zlib's level 2 for 6 % more bytes
MAX_VARIABLES = 500  # of one IN (...); old SQLite builds allow 999 in all

MOMENT, JSON = Moment(), Json()  # made once: a column is dear to make

DELIVERY = Statement("""
    SELECT spool.account, spool.folder, spool.uidvalidity, spool.uid, spool.arrived, spool.envelope_to,
           spool_raw.packed
    FROM spool JOIN spool_raw ON spool_raw.spool_id = spool.id WHERE spool.id = ?
""")
NEW_DELIVERY = Statement("""
    INSERT INTO spool (account, folder, uidvalidity, uid, arrived, stored_at, size, sha256, envelope_to, state,
                       content_key, message_id, kind, reasons, author_id, teacher_id, suggestions, attempts, error)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '[]', '', '', '[]', 0, '')
    ON CONFLICT DO NOTHING RETURNING id
""")
NEW_RAW = Statement("INSERT INTO spool_raw (spool_id, packed) VALUES (?, ?)")
FIRST_OF_CONTENT = Statement("SELECT MIN(id) FROM spool WHERE content_key = ? AND copy_of_id IS NULL AND id <> ?")

# The door has no folder of its own: a counter that never repeats takes the place of a uid.
DOOR = "door"
DOOR_UIDVALIDITY = 1


class SpoolStore:
    """Keeps deliveries and remembers what became of each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---- arrival ----

    def keep(self, delivery: Delivery, now: datetime, *, advance: bool = True) -> int | None:
        """The new row's id once it is committed; None if a delivery of that key is kept already."""
        return self.keep_all([delivery], now, advance=advance)[0]

    def keep_all(self, deliveries: Sequence[Delivery], now: datetime, *, advance: bool = True) -> list[int | None]:
        """The same for several deliveries of one folder, in one commit. Without *advance* the mark stays."""
        # In one order everywhere, so that two pollers wait for each other and never lock crosswise.
        ordered = sorted(deliveries, key=lambda delivery: delivery.uid)
        with self._database.transaction():
            ids = _insert(self._database, ordered, now)
            if advance and ordered:
                last = ordered[-1]
                _advance(last.account, last.folder, last.uidvalidity, last.uid, now)
        return [ids.get(delivery.uid) for delivery in deliveries]

    def keep_at_door(self, raw: bytes, envelope_to: tuple[str, ...], now: datetime) -> int:
        """The new row's id once it is committed: mail that came by LMTP or SMTP."""
        with self._database.transaction():
            row = MailboxMark.insert(account=DOOR, folder=DOOR, uidvalidity=DOOR_UIDVALIDITY, uid=1, updated_at=now)
            counted = row.on_conflict(
                conflict_target=[MailboxMark.account, MailboxMark.folder, MailboxMark.uidvalidity],
                update={MailboxMark.uid: MailboxMark.uid + 1, MailboxMark.updated_at: EXCLUDED.updated_at},
            ).returning(MailboxMark.uid)
            delivery = Delivery(
                account=DOOR,
                folder=DOOR,
                uidvalidity=DOOR_UIDVALIDITY,
                uid=next(iter(counted)).uid,
                arrived=now,
                raw=raw,
                envelope_to=envelope_to,
            )
            spool_id = _insert(self._database, [delivery], now).get(delivery.uid)
        if spool_id is None:
            raise TemporaryError(
                "spool: the door's counter gave a number twice: restore the database's mailbox_mark row"
            )
        return spool_id

    def mark(self, account: str, folder: str, uidvalidity: int) -> int:
        """Every uid up to this one is in the spool; 0 for a folder never read under this UIDVALIDITY."""
        with self._reading():
            row = MailboxMark.get_or_none(
                (MailboxMark.account == account)
                & (MailboxMark.folder == folder)
                & (MailboxMark.uidvalidity == uidvalidity)
            )
        return row.uid if row else 0

    def advance_mark(self, account: str, folder: str, uidvalidity: int, uid: int, now: datetime) -> None:
        """Move the mark up to *uid*; it never goes back."""
        with self._database.transaction():
            _advance(account, folder, uidvalidity, uid, now)

    def known_uids(self, account: str, folder: str, uidvalidity: int, uids: Collection[int]) -> set[int]:
        """Those of *uids* that are kept."""
        return self._uids(account, folder, uidvalidity, uids)

    def finished_uids(self, account: str, folder: str, uidvalidity: int, uids: Collection[int]) -> set[int]:
        """Those of *uids* that are kept and decided: they may leave the folder."""
        return self._uids(account, folder, uidvalidity, uids, finished=True)

    def _uids(
        self, account: str, folder: str, uidvalidity: int, uids: Collection[int], *, finished: bool = False
    ) -> set[int]:
        wanted = sorted(uids)
        found: set[int] = set()
        with self._reading():
            for start in range(0, len(wanted), MAX_VARIABLES):
                rows = Spool.select(Spool.uid).where(
                    (Spool.account == account)
                    & (Spool.folder == folder)
                    & (Spool.uidvalidity == uidvalidity)
                    & (Spool.uid.in_(wanted[start : start + MAX_VARIABLES]))
                )
                if finished:
                    rows = rows.where(Spool.state != RECEIVED)
                found.update(row.uid for row in rows)
        return found

    # ---- processing ----

    def waiting(self, limit: int) -> list[int]:
        """Ids of mails nobody has decided yet, oldest first; those that failed before come last."""
        with self._reading():
            rows = Spool.select(Spool.id).where(Spool.state == RECEIVED).order_by(Spool.attempts, Spool.id).limit(limit)
            return [row.id for row in rows]

    def delivery(self, spool_id: int) -> Delivery:
        """The mail as it arrived. Raises KeyError for an unknown id, or once retention has dropped the bytes."""
        with self._reading():
            row = DELIVERY.first(self._database, spool_id)
        if row is None:
            raise KeyError(spool_id)
        account, folder, uidvalidity, uid, arrived, envelope_to, packed = row
        moment = MOMENT.python_value(arrived)
        assert moment is not None  # the column is never null
        return Delivery(
            account=account,
            folder=folder,
            uidvalidity=uidvalidity,
            uid=uid,
            arrived=moment,
            raw=isal_zlib.decompress(bytes(packed)),
            envelope_to=tuple(JSON.python_value(envelope_to)),
        )

    def raw(self, spool_id: int) -> bytes:
        """The mail's bytes as they came. Raises KeyError once retention has dropped them."""
        with self._reading():
            row = SpoolRaw.get_or_none(SpoolRaw.spool == spool_id)
        if row is None:
            raise KeyError(spool_id)
        return isal_zlib.decompress(bytes(row.packed))

    def spooled(self, spool_id: int) -> Spooled:
        """What is known of one mail. Raises KeyError for an id that was never given out."""
        with self._reading():
            row = Spool.get_or_none(Spool.id == spool_id)
        if row is None:
            raise KeyError(spool_id)
        return _value(row)

    def first_with_content_key(self, key: str, other_than: int) -> int | None:
        """The first mail of the same content, or None. Inside a transaction two workers cannot both be told None."""
        with self._reading():
            if self._database.postgres and self._database.engine.in_transaction():
                # SQLite's writers queue up anyway; here the second waits until the first has committed its key.
                self._database.engine.execute_sql("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"content:{key}",))
            row = FIRST_OF_CONTENT.first(self._database, key, other_than)
        return None if row is None else row[0]

    def note_copy(self, spool_id: int, first_id: int, now: datetime | None = None) -> None:
        """Mark a further delivery of a mail that is kept already: it is decided with the first."""
        with self._database.transaction():
            Spool.update(copy_of=first_id, state=COPY, finished_at=now).where(Spool.id == spool_id).execute()

    def finish(
        self,
        spool_id: int,
        *,
        kind: str,
        state: str,
        reasons: Sequence[str],
        author_id: str,
        content_key: str,
        message_id: str,
        now: datetime,
    ) -> None:
        """Write down what was decided."""
        with self._database.transaction():
            Spool.update(
                kind=kind,
                state=state,
                reasons=list(reasons),
                author_id=author_id,
                content_key=content_key,
                message_id=message_id,
                error="",
                finished_at=now,
            ).where(Spool.id == spool_id).execute()

    def failed_attempt(self, spool_id: int, error_code: str, now: datetime) -> int:
        """How often this mail has failed now. At the third time it is set aside as poison, its bytes kept."""
        with self._database.transaction():
            counted = (
                Spool.update(attempts=Spool.attempts + 1, error=error_code)
                .where(Spool.id == spool_id)
                .returning(Spool.attempts)
            )
            attempts: int = next(iter(counted)).attempts
            if attempts >= MAX_ATTEMPTS:
                reasons = ["failed three times", error_code]
                Spool.update(state=POISON, reasons=reasons, finished_at=now).where(Spool.id == spool_id).execute()
        return attempts

    def counts_by_state(self) -> dict[str, int]:
        """How many mails are in each state; they sum up to all there are."""
        with self._reading():
            rows = Spool.select(Spool.state, fn.COUNT(SQL("*"))).group_by(Spool.state).tuples()
            return dict(cast("list[tuple[str, int]]", list(rows)))

    # ---- two pollers apart ----

    def take_lease(self, name: str, owner: str, seconds: float) -> bool:
        """Does *owner* hold the lease now, by the database's clock? Taking it again prolongs it."""
        with self._reading():
            return lease.take(self._database, name, owner, seconds)

    def release_lease(self, name: str, owner: str) -> None:
        with self._reading():
            lease.release(self._database, name, owner)

    # ---- the engine's moods ----

    def close(self) -> None:
        """Close this thread's connection."""
        self._database.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """A database that is locked, full or away is a temporary trouble; the next call connects anew."""
        try:
            yield
        except (OperationalError, InterfaceError) as exc:
            if not self._database.engine.in_transaction():
                self._database.close()
            raise TemporaryError(f"database: the spool cannot be used now ({type(exc).__name__})") from exc


def _insert(database: Database, deliveries: Sequence[Delivery], now: datetime) -> dict[int, int]:
    """The new rows' ids by uid; those that were kept before are missing."""
    created: dict[int, int] = {}
    for delivery in deliveries:
        row = NEW_DELIVERY.first(
            database,
            delivery.account,
            delivery.folder,
            delivery.uidvalidity,
            delivery.uid,
            MOMENT.db_value(delivery.arrived),
            MOMENT.db_value(now),
            len(delivery.raw),
            hashlib.sha256(delivery.raw).hexdigest(),
            JSON.db_value(list(delivery.envelope_to)),
            RECEIVED,
        )
        if row is not None:
            created[delivery.uid] = row[0]
            NEW_RAW.changed(database, row[0], isal_zlib.compress(delivery.raw, PACKING))
    return created


def _advance(account: str, folder: str, uidvalidity: int, uid: int, now: datetime) -> None:
    MailboxMark.insert(account=account, folder=folder, uidvalidity=uidvalidity, uid=uid, updated_at=now).on_conflict(
        conflict_target=[MailboxMark.account, MailboxMark.folder, MailboxMark.uidvalidity],
        update={MailboxMark.uid: EXCLUDED.uid, MailboxMark.updated_at: EXCLUDED.updated_at},
        where=EXCLUDED.uid > MailboxMark.uid,
    ).execute()


def _value(row: Spool) -> Spooled:
    return Spooled(
        id=row.id,
        account=row.account,
        folder=row.folder,
        uidvalidity=row.uidvalidity,
        uid=row.uid,
        arrived=row.arrived,
        stored_at=row.stored_at,
        envelope_to=tuple(row.envelope_to),
        size=row.size,
        state=row.state,
        kind=row.kind,
        reasons=tuple(row.reasons),
        author_id=row.author_id,
        content_key=row.content_key,
        message_id=row.message_id,
        copy_of=row.copy_of_id,
        attempts=row.attempts,
        error=row.error,
    )
