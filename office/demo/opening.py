"""Opens the demo's school in a folder, by the commands' own code: settings, database, roster, calendar, items."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from office.config import load
from office.demo.arrival import AUTHSERV_ID
from office.demo.oneroster_zip import to_oneroster_zip
from office.demo.sample_items import sample_items
from office.demo.sample_school import SampleSchool
from office.demo.servers import DemoImap, DemoSmtp
from office.item_files import read_folder
from office.item_sheet import KnownAudiences
from office.jobs.rosters import import_roster
from office.jobs.setup import migrate
from office.term_files import read as read_terms
from office.wiring import House
from school.errors import InputError

CONFIG = """\
# The demo's settings. Its mail servers ran on this machine only, and are gone.
[school]
name = "{name}"
contact = "office@school.test"
zone = "Europe/Dublin"
postal = "Linden Hill 1, Lindenfield"

[mail]
news = "news@school.test"
answers = "answers@school.test"
digest = "digest@school.test"

[replies]
domain = "school.test"
shape = "plus"
mailbox = "reply"
keys = ["0:{key}"]

[smtp]
host = "{smtp_host}"
port = {smtp_port}
security = "none"
connections = 2

[imap]
host = "{imap_host}"
port = {imap_port}
security = "none"
user = "{imap_user}"
password = "{imap_password}"

[routing]
trusted_authserv_ids = ["{authserv_id}"]
"""
HOLIDAY = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Lindenfield//Calendar//EN\r
BEGIN:VEVENT\r
UID:{first}@school.test\r
DTSTAMP:{first}T000000Z\r
DTSTART;VALUE=DATE:{first}\r
DTEND;VALUE=DATE:{after}\r
SUMMARY:{name}\r
END:VEVENT\r
END:VCALENDAR\r
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    house: House
    families: int
    items: int
    notes: tuple[str, ...]  #: what the importers had to say


def open_school(
    folder: Path, school: SampleSchool, issue_date: date, servers: tuple[DemoSmtp, DemoImap], now: datetime
) -> Opened:
    """The school ready for its week. InputError when the folder has one already: nothing of it is touched."""
    if (folder / "config.toml").exists():
        raise InputError(f"{folder}: holds a config.toml already: name a new folder with --dir")
    folder.mkdir(parents=True, exist_ok=True)
    smtp, imap = servers
    config = folder / "config.toml"
    config.touch(mode=0o600)
    config.write_text(
        CONFIG.format(
            name=school.name,
            key=secrets.token_hex(32),
            smtp_host=smtp.host,
            smtp_port=smtp.port,
            imap_host=imap.host,
            imap_port=imap.port,
            imap_user=imap.user,
            imap_password=imap.password,
            authserv_id=AUTHSERV_ID,
        ),
        "utf-8",
    )
    house = House(load(config, {}), folder)
    migrate(house.settings.database.url, folder)
    return _move_in(house, folder, school, issue_date, now)


def _move_in(house: House, folder: Path, school: SampleSchool, issue_date: date, now: datetime) -> Opened:
    roster_file = folder / "roster.zip"
    roster_file.write_bytes(to_oneroster_zip(school))
    imported = import_roster(house, roster_file, now, dry_run=False, accept_removals=False)
    calendar = folder / "holidays.ics"
    holiday = school.roster.holidays[0]
    after = holiday.last + timedelta(days=1)  # RFC 5545 §3.6.1: DTEND is the day after
    text = HOLIDAY.format(first=f"{holiday.first:%Y%m%d}", after=f"{after:%Y%m%d}", name=holiday.name)
    calendar.write_text(text, "utf-8", newline="")
    house.terms.replace_holidays(read_terms(calendar, today=school.today).holidays, source=calendar.name)
    items = folder / "items"
    items.mkdir()
    for name, text in sample_items(school, issue_date).items():
        (items / name).write_text(text, "utf-8")
    found = read_folder(
        items,
        school_language=house.settings.school.language,
        zone=house.zone,
        audiences=KnownAudiences.of(house.people.roster()),
        fallback_date=issue_date,
    )
    house.items.put(found.items, now)
    notes = (*(str(note) for note in imported.notes), *found.notes)
    return Opened(house=house, families=imported.families, items=len(found.items), notes=notes)
