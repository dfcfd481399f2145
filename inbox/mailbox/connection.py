"""A logged-in connection: folders looked into, mails searched and fetched in pieces of bounded size."""

import ssl
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from inbox.fetch import Facts, Folder, MailboxAway
from inbox.mailbox import moving, waiting
from inbox.mailbox.dialogue import dialogue
from inbox.mailbox.settings import MailboxSettings
from inbox.mailbox.trust import capabilities, log_in, open_safely, shut

FACTS_AT_ONCE = 500
HEADERS_AT_ONCE = 50
SEARCH_WINDOW = 50_000  # an answer stays far below the megabyte of one line that imaplib reads
HEADER_BYTES = 256 * 1024
TEXT_BYTES = 64 * 1024


class Connection:
    """A logged-in connection. Its methods raise MailboxAway once it is useless, Refused when the server said no."""

    def __init__(
        self, settings: MailboxSettings, token: Callable[[], str] | None, tls_context: ssl.SSLContext | None
    ) -> None:
        self._settings = settings
        self._client = open_safely(settings, tls_context)
        try:
            log_in(self._client, settings, token)
            self._capabilities = capabilities(self._client, settings.account)
        except BaseException:
            self.close(polite=False)
            raise

    def has(self, capability: str) -> bool:
        return capability in self._capabilities

    def close(self, *, polite: bool) -> None:
        shut(self._client, polite=polite)

    def move(self, uids: Sequence[int], target: str) -> set[int]:
        """The mails that left; none where the server can neither MOVE nor expunge just these."""
        with dialogue(self._settings.account, self._client):
            return moving.move(self._client, self._capabilities, uids, target)

    def idle(self, until: float, stop: threading.Event) -> bool:
        """Was anything announced before the monotonic clock says *until*?"""
        with dialogue(self._settings.account, self._client):
            return waiting.idle(self._client, until, self._settings.idle_seconds, stop)

    # ---- reading ----

    def look_into(self, name: str, *, writing: bool = False) -> Folder:
        with dialogue(self._settings.account, self._client):
            selected = self._client.select_folder(name, readonly=not writing)
            uidvalidity = selected.get(b"UIDVALIDITY")
            if not isinstance(uidvalidity, int):
                raise MailboxAway(self._settings.account, "no-uidvalidity")
            uidnext, exists = selected.get(b"UIDNEXT"), selected.get(b"EXISTS")
            return Folder(name=name, uidvalidity=uidvalidity, uidnext=uidnext, exists=exists)

    def search(self, folder: Folder, criteria: Sequence[object]) -> list[int]:
        if folder.exists == 0:
            return []  # some servers call any search of an empty folder wrong
        windows: list[list[object]] = [[]]
        if folder.exists and folder.exists > SEARCH_WINDOW:
            # From the top: when somebody removes a mail meanwhile, the others move into windows still to come.
            starts = range(1, folder.exists + 1, SEARCH_WINDOW)
            windows = [[f"{start}:{start + SEARCH_WINDOW - 1}"] for start in reversed(starts[:-1])]
            windows.insert(0, [f"{starts[-1]}:*"])
        found: set[int] = set()
        for window in windows:
            with dialogue(self._settings.account, self._client):
                self._client.forget()
                found.update(self._client.search([*window, *criteria]))
        return sorted(found)

    def facts(self, uids: Sequence[int]) -> dict[int, Facts]:
        answers = self._fetch(uids, ["RFC822.SIZE", "INTERNALDATE"], FACTS_AT_ONCE)
        return {
            uid: Facts(size=_whole_number(data.get(b"RFC822.SIZE")), arrived=_aware(data.get(b"INTERNALDATE")))
            for uid, data in answers.items()
        }

    def headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        return _texts(self._fetch(uids, ["BODY.PEEK[HEADER]"], HEADERS_AT_ONCE), b"BODY[HEADER]")

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        return _texts(self._fetch(uids, ["BODY.PEEK[]"], len(uids)), b"BODY[]")

    def beginning(self, uid: int) -> tuple[bytes, bytes] | None:
        parts = [f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>", f"BODY.PEEK[TEXT]<0.{TEXT_BYTES}>"]
        data = self._fetch([uid], parts, 1).get(uid, {})
        header, text = data.get(b"BODY[HEADER]<0>"), data.get(b"BODY[TEXT]<0>")
        if not isinstance(header, bytes) or not header:
            return None
        return header, text[:TEXT_BYTES] if isinstance(text, bytes) else b""

    def _fetch(self, uids: Sequence[int], parts: list[str], at_once: int) -> dict[int, dict[bytes, Any]]:
        """Answers in the order of *uids*. A list of numbers: imapclient 4 raises on a range after having asked."""
        found: dict[int, dict[bytes, Any]] = {}
        for start in range(0, len(uids), at_once):
            with dialogue(self._settings.account, self._client):
                self._client.forget()
                found.update(self._client.fetch(list(uids[start : start + at_once]), parts))
        return found


def _texts(answers: dict[int, dict[bytes, Any]], key: bytes) -> dict[int, bytes]:
    """Those answers that hold text: NIL, a number or an entry that only tells flags is no mail."""
    return {uid: data[key] for uid, data in answers.items() if isinstance(data.get(key), bytes)}


def _whole_number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _aware(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) and value.tzinfo else None
