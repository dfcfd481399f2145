"""What servers and bounces said of each address, and which addresses get no letters for now.

A record only counts; whether an address is closed decides the table of server replies (mailer/server_replies.py), for
it alone knows which codes may close one.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from storage.database import Database
from storage.tables import AddressHealth as Row

RESET_AFTER = timedelta(days=20)  # two weekly letters without trouble: what was before is over

IS_SUPPRESSED = "SELECT 1 FROM address_health WHERE address = ? AND suppressed_at IS NOT NULL"


class BounceKind(Enum):
    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressTrouble:
    address: str
    hard: int
    soft: int
    since: datetime
    last: datetime
    code: str
    reason: str
    suppressed: bool
    repeated: bool = False  #: told by `record`: the trouble before was the same, and not long ago

    def words(self) -> str:
        """For the office: "mailbox full since 3 May; no letters go there"."""
        reason = self.reason.removeprefix("the ").strip() or "letters come back"
        text = f"{reason} since {self.since.day} {self.since:%B}"
        return f"{text}; no letters go there" if self.suppressed else text


class AddressHealth:
    """Every address that ever made trouble."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_suppressed = IS_SUPPRESSED.replace("?", "%s") if database.postgres else IS_SUPPRESSED

    def record(self, address: str, kind: BounceKind | str, code: str, reason: str, now: datetime) -> AddressTrouble:
        """The address's trouble with this one added; the count begins anew after twenty quiet days."""
        key = _key(address)
        with self._database.transaction():
            row = Row.get_or_none(Row.address == key)
            hard, soft, since, repeated = 0, 0, now, False
            if row is not None and row.last_at is not None and now - row.last_at <= RESET_AFTER:
                hard, soft, since = row.hard, row.soft, row.since or now
                repeated = _enhanced(row.code) == _enhanced(code)
            is_hard = BounceKind(kind) is BounceKind.HARD
            values = {
                "hard": hard + is_hard,
                "soft": soft + (not is_hard),
                "since": since,
                "last_at": now,
                "code": code,
                "reason": reason,
            }
            if row is None:
                Row.create(address=key, **values)
            else:
                Row.update(values).where(Row.address == key).execute()
            return replace(_trouble(Row.get_by_id(key)), repeated=repeated)

    def suppressed(self, address: str) -> bool:
        # Asked once a letter: building this query anew each time would cost a fifth of preparing the letter.
        return self._database.engine.execute_sql(self._is_suppressed, (_key(address),)).fetchone() is not None

    def closed(self) -> frozenset[str]:
        """Every address that gets no letters, in lower case."""
        rows = Row.select(Row.address).where(Row.suppressed_at.is_null(False))
        return frozenset(row.address for row in rows)

    def suppress(self, address: str, now: datetime, code: str = "", reason: str = "") -> None:
        """No letter goes to this address until the office opens it again."""
        key = _key(address)
        with self._database.transaction():
            first = {"address": key, "since": now, "last_at": now, "code": code, "reason": reason}
            Row.insert(first).on_conflict_ignore().execute()
            Row.update(suppressed_at=now).where(Row.address == key, Row.suppressed_at.is_null()).execute()

    def reactivate(self, address: str) -> bool:
        """True if the address was known: letters go there again and its count begins anew."""
        with self._database.transaction():
            return Row.delete().where(Row.address == _key(address)).execute() == 1

    def forgive(self, address: str) -> bool:
        """True if the address had nothing but passing trouble: that is over, it takes letters again."""
        with self._database.transaction():
            passing = (Row.address == _key(address)) & (Row.hard == 0) & Row.suppressed_at.is_null()
            return Row.delete().where(passing).execute() == 1

    def forget(self, now: datetime) -> int:
        """How many open addresses gave no trouble for twenty days: nothing is told of them any more."""
        with self._database.transaction():
            quiet = Row.suppressed_at.is_null() & (Row.last_at < now - RESET_AFTER)
            return int(Row.delete().where(quiet).execute())

    def listing(self) -> list[AddressTrouble]:
        """Everything known, the worst first."""
        rows = Row.select().order_by(Row.suppressed_at.is_null(), Row.hard.desc(), Row.soft.desc(), Row.address)
        return [_trouble(row) for row in rows]


def _key(address: str) -> str:
    return address.strip().lower()


def _enhanced(code: str) -> str:
    """A server says "550 5.2.1", a report "5.2.1"."""
    return code.rpartition(" ")[2]


def _trouble(row: Row) -> AddressTrouble:
    return AddressTrouble(
        address=row.address,
        hard=row.hard,
        soft=row.soft,
        since=row.since,
        last=row.last_at,
        code=row.code,
        reason=row.reason,
        suppressed=row.suppressed_at is not None,
    )
