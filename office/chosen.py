"""What the settings mean: the values our parts are made with. ConfigError where a value cannot be meant."""

import tomllib
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inbox.door import DoorSettings
from inbox.mailbox import MailboxSettings
from inbox.words import NAMES, WordLists, built_in
from mailer.render import SchoolFace
from mailer.smtp import SmtpSettings, Timeouts
from mailer.xoauth2 import OAuthClient, Tokens
from office.config import ConfigError
from office.settings import ImapLogin, Settings
from school.calendar import Rhythm
from school.errors import InputError
from school.letter import LetterKind
from school.office_hours import OfficeHours
from school.reply_address import AddressShape, Keys

MEGABYTE = 1_000_000
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def database_url(url: str, folder: Path) -> str:
    """The database's address; a SQLite file is looked for beside config.toml."""
    return f"sqlite:{folder / url.removeprefix('sqlite:').removeprefix('//')}" if url.startswith("sqlite:") else url


# ---- time ----


def zone(settings: Settings) -> ZoneInfo:
    try:
        return ZoneInfo(settings.school.zone)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ConfigError(
            f"school.zone: {settings.school.zone!r} is no time zone: write one such as Europe/Dublin"
        ) from exc


def rhythm(settings: Settings) -> Rhythm:
    newsletter = settings.newsletter
    at = time.fromisoformat(newsletter.at)
    return Rhythm(weekday=WEEKDAYS.index(newsletter.weekday), at=at, zone=zone(settings))


def hours(settings: Settings) -> OfficeHours | None:
    """When the school works; None where no hours are set."""
    said = {day: str(getattr(settings.hours, name)) for day, name in enumerate(WEEKDAYS)}
    spans = {day: span.split("-") for day, span in said.items() if span}
    if not spans:
        return None
    try:
        return OfficeHours(
            by_weekday={
                day: (time.fromisoformat(begins), time.fromisoformat(ends)) for day, (begins, ends) in spans.items()
            }
        )
    except InputError as exc:
        raise ConfigError(f"hours: {exc}") from exc


# ---- letters ----


def keys(settings: Settings) -> Keys:
    replies = settings.replies
    return Keys(by_id=_keys(replies.keys, replies.retired_keys), domain=replies.domain)


def shape(settings: Settings) -> AddressShape:
    replies = settings.replies
    mailbox = "" if replies.shape == "catch-all" else replies.mailbox
    return AddressShape(domain=replies.domain, mailbox=mailbox, fixed=replies.shape == "fixed")


def from_addresses(settings: Settings) -> dict[LetterKind, str]:
    mail = settings.mail
    return {
        LetterKind.NEWSLETTER: mail.news,
        LetterKind.DIGEST: mail.digest or mail.news,
        LetterKind.ANSWER: mail.answers or mail.news,
        LetterKind.NOTICE: mail.answers or mail.news,
    }


def face(settings: Settings) -> SchoolFace:
    school = settings.school
    return SchoolFace(
        name=school.name,
        language=school.language,
        zone=zone(settings),
        contact_address=school.contact,
        postal_line=school.postal,
        website=school.website,
        colour=school.colour,
    )


# ---- mail in and out ----


def oauth_client(settings: Settings) -> OAuthClient:
    oauth = settings.oauth
    return OAuthClient(
        token_url=oauth.token_url,
        client_id=oauth.client_id,
        client_secret=oauth.client_secret,
        refresh_token=oauth.refresh_token,
        scope=oauth.scope,
    )


def smtp(settings: Settings, tokens: Tokens | None) -> SmtpSettings:
    server = settings.smtp
    seconds = float(server.timeout)
    return SmtpSettings(
        host=server.host,
        port=server.port,
        security=server.security,
        user=server.user,
        password=server.password,
        tokens=tokens,
        timeouts=Timeouts(connect=min(60.0, seconds), banner=seconds, command=seconds),
    )


def mailbox(account: str, imap: ImapLogin) -> MailboxSettings:
    return MailboxSettings(
        account=account,
        host=imap.host,
        user=imap.user,
        password=imap.password,
        login=imap.login,
        port=imap.port,
        tls=imap.security,
        folder=imap.folder,
        junk_folder=imap.junk,
        move_to=imap.archive,
        poll_seconds=imap.poll_seconds,
        max_message_bytes=imap.max_megabytes * MEGABYTE,
    )


def door(settings: Settings) -> DoorSettings:
    listener = settings.door
    return DoorSettings(
        protocol=listener.protocol,
        host=listener.host,
        port=listener.port,
        max_message_bytes=listener.max_megabytes * MEGABYTE,
    )


def words(settings: Settings, folder: Path) -> WordLists:
    """The word lists, a school's own files laid over ours."""
    if not settings.routing.words:
        return built_in()
    theirs = folder / settings.routing.words
    own = {name: theirs / f"{name}.toml" for name in NAMES}
    try:
        return built_in({name: path.read_text("utf-8") for name, path in own.items() if path.is_file()})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError) as exc:
        raise ConfigError(f"routing.words: a file in {theirs} cannot be read: {exc}") from exc


def _keys(lines: list[str], retired: list[int]) -> dict[int, bytes]:
    """Key id → 32 bytes of each key that counts. ConfigError names the line that is none."""
    found: dict[int, bytes] = {}
    for number, line in enumerate(lines):
        key_id, _, text = line.partition(":")
        try:
            found[int(key_id)] = bytes.fromhex(text)
        except ValueError as exc:
            raise ConfigError(f"replies.keys[{number}]: write a key as 0:64 hexadecimal digits") from exc
    if not found or any(not 0 <= key_id <= 31 for key_id in found) or any(len(key) != 32 for key in found.values()):
        raise ConfigError("replies.keys: at least one key of 64 hexadecimal digits with an id from 0 to 31 is needed")
    if not (counting := {key_id: key for key_id, key in found.items() if key_id not in retired}):
        raise ConfigError("replies.retired_keys: every key is retired: add a new one to replies.keys first")
    return counting
