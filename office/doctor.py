"""`doctor`: everything the service will need, looked at once, each with what to do when it is missing."""

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailer.smtp import SmtpTransport
from mailer.transport import ServerAway
from mailer.xoauth2 import TokenRefused
from office.jobs.issues import items_of, planned_sends
from office.logs import where
from office.probe import Probe
from office.sample_letters import set_every_kind
from office.sender_domain import NoAnswer, TextLookup, look_up
from office.settings import Settings
from office.wiring import House
from school.errors import FridayFolderError
from school.issue import Issue
from storage import hold

FREE_BYTES = 500_000_000  #: less, and a term's raw mail may fill the disk
# RFC 6761 §6: names that no name server answers for.
NEVER_IN_DNS = ("test", "example", "invalid", "localhost")
GOOD, NOTE, BAD = "good", "note", "bad"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    check: str
    state: str  #: good, note (works, but look at it), bad (something will fail)
    words: str


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a check may look at."""

    settings: Settings
    house: House
    now: datetime
    config: Path | None  #: the file the settings came from
    text_of: Callable[[], TextLookup] | None  #: makes the DNS look-up; None = do not ask


Check = Callable[[Visit], Iterator[Finding]]


def examine(
    visit: Visit,
    *,
    probe: Probe | None = None,
) -> list[Finding]:
    """One or more findings a check, in the order in which things are needed; a failed check never hides the next."""
    found: list[Finding] = []
    for name, check in CHECKS:
        needed = {"database"} if name in NEED_DATABASE else set[str]()
        needed |= {"oauth"} if name in _logged_in_by_token(visit.settings) else set()
        if any(one.check in needed and one.state == BAD for one in found):
            continue  # it would only say the same again
        found += _guarded(name, check, visit)
    if probe is not None:
        found += _guarded("probe", lambda _: _probe(probe), visit)
    return found


def _guarded(name: str, check: Check, visit: Visit) -> list[Finding]:
    try:
        return list(check(visit))
    except (FridayFolderError, ServerAway) as exc:
        return [Finding(check=name, state=BAD, words=str(exc))]
    except OSError as exc:
        return [Finding(check=name, state=BAD, words=f"{exc.filename or 'the system'}: {exc.strerror or where(exc)}")]
    except Exception as exc:  # noqa: BLE001 - as `examine` says
        return [Finding(check=name, state=BAD, words=f"a fault of ours ({where(exc)}): please report this line")]


# ---- on this machine ----


def _settings(visit: Visit) -> Iterator[Finding]:
    settings, house = visit.settings, visit.house
    words = (
        f"school time is {house.zone.key}, reply addresses look like {house.shape.address('…')}, "
        f"{len(house.keys.by_id)} signing key(s)"
    )
    yield Finding(check="settings", state=GOOD, words=words)
    if not settings.imap.host and not settings.imap.more and not settings.door.port:
        words = "replies have no way in: set imap.host, or door.port for LMTP"
        yield Finding(check="settings", state=BAD, words=words)
    if not settings.routing.trusted_authserv_ids and not settings.routing.verify_dkim:
        words = (
            "nobody vouches for authors: what parents write without pressing Reply always waits for the office; set "
            "routing.trusted_authserv_ids to the name your mail server writes in Authentication-Results, or, if it "
            "writes none, routing.verify_dkim = true"
        )
        yield Finding(check="settings", state=NOTE, words=words)
    if settings.smtp.security == "none":
        words = 'smtp.security is "none": right only for a server on this very machine'
        yield Finding(check="settings", state=NOTE, words=words)
    if visit.config is not None and visit.config.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        words = f"{visit.config.name} holds keys and other users can read it: chmod 600 {visit.config}"
        yield Finding(check="settings", state=NOTE, words=words)


def _database(visit: Visit) -> Iterator[Finding]:
    house = visit.house
    with house.database.transaction():
        pass
    kind = "PostgreSQL" if house.database.postgres else "SQLite"
    yield Finding(check="database", state=GOOD, words=f"{kind} is open, writable and up to date")
    if house.database.postgres:
        return
    folder = Path(house.database.url.removeprefix("sqlite:")).parent
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        words = f"{folder} has {free // 1_000_000} MB left: make room, or letters stop when it is full"
        yield Finding(check="database", state=BAD, words=words)


def _calendar(visit: Visit) -> Iterator[Finding]:
    house, now = visit.house, visit.now
    today = now.astimezone(house.zone).date()
    coming = [term for term in house.terms.terms() if term.ends >= today]
    if not coming:
        words = "no term is running or coming: import a roster with terms, or run 'fridayfolder term import FILE'"
        yield Finding(check="calendar", state=BAD, words=words)
        return
    holidays = len(house.terms.holidays())
    words = f"{len(coming)} term(s) to come, {holidays} holidays known"
    yield Finding(check="calendar", state=GOOD if holidays else NOTE, words=words)
    send = next((send for send in planned_sends(house) if send.goes_out and send.due > now), None)
    if send is not None:
        items = len(items_of(house, Issue(date=send.local_date, due=send.due)))
        at = (send.due + house.start_offset).astimezone(house.zone)
        words = f"the next letter goes out {at:%Y-%m-%d %H:%M} with {items} item(s)"
        yield Finding(check="calendar", state=GOOD if items else NOTE, words=words)


def _roster(visit: Visit) -> Iterator[Finding]:
    roster = visit.house.people.roster()
    if not roster.children:
        yield Finding(check="roster", state=BAD, words="no children: run 'fridayfolder roster import PATH'")
        return
    words = f"{len(roster.children)} children, {len(roster.guardians)} guardians, {len(roster.teachers)} teachers"
    yield Finding(check="roster", state=GOOD, words=words)
    silent = sum(1 for guardian in roster.guardians if not guardian.address)
    teachers = sum(1 for teacher in roster.teachers if not teacher.address)
    if silent or teachers:
        words = f"without an address: {silent} guardian(s), {teachers} teacher(s); add them in the roster"
        yield Finding(check="roster", state=NOTE, words=words)


def _letters(visit: Visit) -> Iterator[Finding]:
    """Every kind of letter in every language somebody at this school reads."""
    house = visit.house
    spoken = {visit.settings.school.language}
    spoken |= {guardian.language for guardian in house.people.roster().guardians if guardian.language}
    for language in sorted(spoken):
        set_every_kind(house, language, visit.now)
    yield Finding(check="letters", state=GOOD, words=f"every kind of letter can be made in {', '.join(sorted(spoken))}")


def _waiting(visit: Visit) -> Iterator[Finding]:
    house = visit.house
    if why := hold.reason(house.database):
        words = f"nothing is sent: {why}; 'fridayfolder sending list' shows what waits, 'sending confirm' lets it go"
        yield Finding(check="waiting", state=BAD, words=words)
    mails = len(house.conversations.tray())
    if mails:
        words = f"{mails} mail(s) wait for a person: see 'fridayfolder tray list'"
        yield Finding(check="waiting", state=NOTE, words=words)
    poison = house.spool.counts_by_state().get("poison", 0)
    if poison:
        words = f"{poison} mail(s) could not be read and are kept as they came: report the mail.failed lines of the log"
        yield Finding(check="waiting", state=NOTE, words=words)
    letters = house.outbox.waiting(visit.now, 100_000)
    if letters:
        words = f"{letters} letter(s) are due and not sent: 'fridayfolder run' or 'fridayfolder deliver' sends them"
        yield Finding(check="waiting", state=NOTE, words=words)


# ---- over the network ----


def _logged_in_by_token(settings: Settings) -> set[str]:
    """Which servers are."""
    logins = {"smtp": settings.smtp.login, "imap": settings.imap.login if settings.imap.host else ""}
    return {server for server, login in logins.items() if login == "xoauth2"}


def _oauth(visit: Visit) -> Iterator[Finding]:
    """A token of the provider, asked for once: whoever logs in next uses it."""
    servers = " and ".join(sorted(_logged_in_by_token(visit.settings)))
    if not servers:
        return
    try:
        visit.house.tokens.token()
    except TokenRefused as exc:
        hint = next((hint for code, hint in TOKEN_HINTS.items() if f"({code})" in str(exc)), "")
        yield Finding(check="oauth", state=BAD, words=f"{exc}; {hint}" if hint else str(exc))
        return
    yield Finding(check="oauth", state=GOOD, words=f"{visit.settings.oauth.token_url} gives us tokens for {servers}")


def _smtp(visit: Visit) -> Iterator[Finding]:
    smtp = visit.house.smtp
    transport = SmtpTransport(smtp)
    transport.connect()
    transport.close()
    yield Finding(check="smtp", state=GOOD, words=f"{smtp.host}:{smtp.port} lets us in")


def _imap(visit: Visit) -> Iterator[Finding]:
    """Each mailbox for itself: one that is away hides none behind it."""
    for mailbox in visit.house.mailboxes:
        said = mailbox.settings
        try:
            report = mailbox.fetch_new(visit.now)
        except FridayFolderError as exc:
            yield Finding(check="imap", state=BAD, words=str(exc))
            continue
        name = said.host if len(visit.house.mailboxes) == 1 else f"{said.account} on {said.host}"
        words = f"{name} is open; {report.fetched} new mail(s) stored, to be read by the next poll"
        yield Finding(check="imap", state=GOOD, words=words)


def _dns(visit: Visit) -> Iterator[Finding]:
    """SPF, DKIM and DMARC. Without a name server to ask it is a note: the service itself needs none of them."""
    if visit.text_of is None:
        return
    settings, postmark = visit.settings, visit.house.postmark
    signer = postmark.signer
    record = getattr(signer, "public_record", lambda: "")()
    domains = sorted({address.rpartition("@")[2].lower() for address in postmark.from_addresses.values()})
    try:
        text_of = visit.text_of()
        for domain in domains:
            if domain.rpartition(".")[2] in NEVER_IN_DNS:
                yield Finding(check="dns", state=NOTE, words=f"{domain} is a name for tests: nothing to look up")
                continue
            ours = settings.dkim.domain.lower() == domain
            found = look_up(domain, text_of, selector=settings.dkim.selector if ours else "", record=record)
            yield from (Finding(check=one.check, state=one.state, words=one.words) for one in found)
    except NoAnswer as exc:
        words = f"no name server answered ({exc}): SPF, DKIM and DMARC are not checked"
        yield Finding(check="dns", state=NOTE, words=words)
        if settings.routing.verify_dkim:
            words = "routing.verify_dkim needs a name server: until one answers, nobody's signature counts"
            yield Finding(check="dns", state=BAD, words=words)
    if signer is None:
        words = "letters are not signed here (dkim.domain is empty): right when your mail server signs them"
        yield Finding(check="dkim", state=NOTE, words=words)


def _probe(probe: Probe) -> Iterator[Finding]:
    for state, words in probe.findings():
        yield Finding(check="probe", state=state, words=words)


CHECKS: tuple[tuple[str, Check], ...] = (
    ("settings", _settings),
    ("database", _database),
    ("calendar", _calendar),
    ("roster", _roster),
    ("letters", _letters),
    ("waiting", _waiting),
    ("oauth", _oauth),
    ("smtp", _smtp),
    ("imap", _imap),
    ("dns", _dns),
)
TOKEN_HINTS = {  # RFC 6749 §5.2
    "invalid_grant": "oauth.refresh_token has run out or was withdrawn: sign in again and set the new one",
    "invalid_client": "oauth.client_id or oauth.client_secret is wrong, or the secret has run out",
    "unauthorized_client": "let the provider's administrator allow this client what oauth.scope asks for",
    "invalid_scope": "oauth.scope is not one the provider knows: see config.example.toml",
}
NEED_DATABASE = {"calendar", "roster", "letters", "waiting", "imap"}
