"""`doctor`: everything the service will need, looked at once, each with what to do when it is missing."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from inbox.carriers import ENVELOPE, carriers
from inbox.mailbox import Mailbox
from inbox.parse import parse
from mailer.compose import Draft
from mailer.smtp import SmtpTransport
from mailer.transport import ServerAway
from office.settings import Settings
from office.wiring import House
from school.errors import FridayFolderError
from school.letter import LetterKind
from school.reply_address import TokenKind

PROBE_SECONDS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    check: str
    state: str  #: good, note, bad
    words: str


def examine(settings: Settings, house: House, now: datetime, *, probe: bool) -> list[Finding]:
    """One finding a check, in the order in which things are needed; a failed check never hides the next."""
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("settings", lambda: _settings(settings, house)),
        ("database", lambda: _database(house)),
        ("calendar", lambda: _calendar(house, now)),
        ("roster", lambda: _roster(house)),
        ("letters", lambda: _letters(house)),
        ("smtp", lambda: _smtp(house)),
        ("imap", lambda: _imap(house, now)),
    ]
    if probe:
        checks.append(("probe", lambda: _probe(house, now)))
    return [finding for name, check in checks for finding in _guarded(name, check)]


def _guarded(name: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except FridayFolderError as exc:
        return [Finding(check=name, state="bad", words=str(exc))]
    except (ServerAway, OSError) as exc:
        return [Finding(check=name, state="bad", words=str(exc))]


def _settings(settings: Settings, house: House) -> Iterator[Finding]:
    yield Finding(
        check="settings",
        state="good",
        words=f"school time is {house.zone.key}, reply addresses look like {house.shape.address('…')}, "
        f"{len(house.keys.by_id)} signing key(s)",
    )
    if not settings.imap.host and not settings.door.port:
        yield Finding(
            check="settings", state="bad", words="replies have no way in: set imap.host, or door.port for LMTP"
        )
    if not settings.routing.trusted_authserv_ids:
        yield Finding(
            check="settings",
            state="note",
            words="routing.trusted_authserv_ids is empty: mail from parents who do not use Reply waits for a person",
        )
    if settings.smtp.security == "none":
        yield Finding(check="settings", state="note", words='smtp.security is "none": only for this very machine')


def _database(house: House) -> Iterator[Finding]:
    with house.database.transaction():
        pass
    kind = "PostgreSQL" if house.database.postgres else "SQLite"
    yield Finding(check="database", state="good", words=f"{kind} is open, writable and up to date")


def _calendar(house: House, now: datetime) -> Iterator[Finding]:
    terms = house.terms.terms()
    today = now.astimezone(house.zone).date()
    coming = [term for term in terms if term.ends >= today]
    if not coming:
        words = "no term is running or coming: import a roster with terms, or run 'fridayfolder term import FILE'"
        yield Finding(check="calendar", state="bad", words=words)
        return
    holidays = len(house.terms.holidays())
    state = "good" if holidays else "note"
    yield Finding(check="calendar", state=state, words=f"{len(coming)} term(s) to come, {holidays} holidays known")


def _roster(house: House) -> Iterator[Finding]:
    roster = house.people.roster()
    if not roster.children:
        yield Finding(check="roster", state="bad", words="no children: run 'fridayfolder roster import PATH'")
        return
    silent = sum(1 for guardian in roster.guardians if not guardian.address)
    teachers = sum(1 for teacher in roster.teachers if not teacher.address)
    words = f"{len(roster.children)} children, {len(roster.guardians)} guardians, {len(roster.teachers)} teachers"
    yield Finding(check="roster", state="good", words=words)
    if silent or teachers:
        yield Finding(
            check="roster", state="note", words=f"without an address: {silent} guardian(s), {teachers} teacher(s)"
        )


def _letters(house: House) -> Iterator[Finding]:
    yield Finding(
        check="letters", state="good", words=f"the letter compiles; languages: {', '.join(house.press.languages)}"
    )


def _smtp(house: House) -> Iterator[Finding]:
    transport = SmtpTransport(house.smtp)
    transport.connect()
    transport.close()
    yield Finding(check="smtp", state="good", words=f"{house.smtp.host}:{house.smtp.port} takes our letters")


def _imap(house: House, now: datetime) -> Iterator[Finding]:
    if house.mailbox is None:
        return
    report = house.mailbox.fetch_new(now)
    words = f"{house.settings.imap.host} is open; {report.fetched} new mail(s) stored, to be read by the next poll"
    yield Finding(check="imap", state="good", words=words)


def _probe(house: House, now: datetime) -> Iterator[Finding]:
    """One mail to a reply address of ours, through the real servers; nobody but the mailbox gets it."""
    if house.mailbox is None:
        yield Finding(check="probe", state="note", words="there is no mailbox to look into")
        return
    postmark = house.postmark
    public_id = postmark.new_public_id()
    address = postmark.reply_address(TokenKind.DISPATCH, public_id)
    nonce = secrets.token_hex(8)
    raw = postmark.finish(_probe_draft(house, address, public_id, nonce, now), now)
    transport = SmtpTransport(house.smtp)
    transport.connect()
    reply = transport.send(postmark.return_path(public_id), address, raw)
    transport.close()
    if reply.code != 250:
        yield Finding(check="probe", state="bad", words=f"the server refused a reply address ({reply})")
        return
    yield _arrived(house.mailbox, house, nonce, now)


def _probe_draft(house: House, address: str, public_id: int, nonce: str, now: datetime) -> Draft:
    postmark = house.postmark
    return Draft(
        kind=LetterKind.NOTICE,
        from_name=postmark.school_name,
        from_address=postmark.from_addresses[LetterKind.NOTICE],
        to_name="",
        to_address=address,
        reply_to="",
        subject=f"Friday Folder probe {nonce}",
        date=now,
        message_id=postmark.message_id(TokenKind.DISPATCH, public_id),
        text="A probe of our own; it can be deleted.\n",
        language="en",
        boundary_seed=nonce,
    )


def _arrived(mailbox: Mailbox, house: House, nonce: str, now: datetime) -> Finding:
    deadline = time.monotonic() + PROBE_SECONDS
    while time.monotonic() < deadline:
        for spool_id in mailbox.fetch_new(now).spool_ids:
            raw = house.spool.raw(spool_id)
            if nonce.encode() in raw:
                found = [held for held in carriers(parse(raw), (), house.shape, house.keys) if held.by_address]
                places = ", ".join(held.place for held in found if held.place != ENVELOPE)
                if found:
                    return Finding(check="probe", state="good", words=f"the reply address arrives whole, in: {places}")
                words = 'the address arrives without its token: set replies.shape = "fixed", or use another server'
                return Finding(check="probe", state="bad", words=words)
        time.sleep(1)
    return Finding(check="probe", state="bad", words=f"the probe did not arrive within {PROBE_SECONDS} s")
