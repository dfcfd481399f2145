"""Whatever is wrong is one line that says what, where and what to do; nothing is lost meanwhile."""

import contextlib
import json
import sqlite3
import threading
from datetime import UTC, datetime

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from office.demo.clients import reply
from tests.flows.driver import Office
from tests.flows.rubbish import RUBBISH
from tests.flows.running import copy_of, count, drop, mail_settings, prepared_small, rows, service
from tests.peers.loopback import HOST, free_port
from tests.peers.smtp_sink import SmtpSink

__all__ = ["prepared_small"]
EVA = ("Eva Novak", "eva@example.org")
FRIDAY = datetime(2026, 11, 27, 16, tzinfo=UTC)
BEFORE_THE_ISSUE = "2026-11-27T15:09:58+00:00"


@pytest.fixture
def office(tmp_path, prepared_small) -> Office:
    return copy_of(prepared_small, tmp_path / "school", SMTP_PORT=str(free_port()))


def told(office: Office, *words: str, code: int) -> str:
    """The one line the command says when it fails, in words and with --json."""
    done = office.process(*words, "--json")
    assert done.returncode == code, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    line = done.stderr.strip()
    assert line.startswith("fridayfolder: ")
    document = json.loads(done.stdout)
    assert "Traceback" not in done.stderr
    if "error" in document:
        assert line == f"fridayfolder: {document['error']}"
    return line.removeprefix("fridayfolder: ")


# ---- settings ----


def test_broken_toml_names_the_line(office):
    office.in_process = False
    config = office.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + "\n[late\n", "utf-8")
    number = len(config.read_text("utf-8").splitlines())

    line = told(office, "plan", code=2)

    assert line.startswith("config.toml: not valid TOML: ")
    assert f"line {number}" in line


def test_an_unknown_setting_is_named_with_the_nearest_one(office):
    office.settings["SMTP_PROT"] = "25"

    assert (
        told(office, "plan", code=2) == "FRIDAYFOLDER_SMTP_PROT is not a setting: did you mean FRIDAYFOLDER_SMTP_PORT?"
    )


def test_a_missing_secret_says_where_it_may_stand(office):
    office.settings["SMTP_USER"] = "news"

    line = told(office, "deliver", code=2)

    assert line == "config.toml: smtp.password is missing: set it here or as FRIDAYFOLDER_SMTP_PASSWORD"


def test_a_secret_file_that_cannot_be_read_is_named(office):
    office.settings["IMAP_PASSWORD_FILE"] = str(office.folder / "nowhere")

    line = told(office, "poll", code=2)

    assert line == f"FRIDAYFOLDER_IMAP_PASSWORD_FILE: cannot read {office.folder}/nowhere: No such file or directory"


# ---- mail servers ----


class Doorman:
    """Lets nobody in, and repeats the name it was told."""

    def __call__(self, server, session, envelope, mechanism, auth_data):
        return AuthResult(success=False, handled=False, message=f"535 5.7.8 no {auth_data.login.decode()} here")


def test_a_wrong_smtp_password_keeps_every_letter(office):
    port = free_port()
    controller = Controller(SmtpSink(), hostname=HOST, port=port, authenticator=Doorman(), auth_require_tls=False)
    controller.start()
    try:
        office.settings |= {"SMTP_PORT": str(port), "SMTP_USER": "news-user", "SMTP_PASSWORD": "secret-word"}
        assert office.run("publish")["planned"] == 3

        line = told(office, "deliver", code=1)
    finally:
        controller.stop()

    assert line == f"{HOST}:{port} refused the name or password (535): correct smtp.user and smtp.password"
    assert rows(office, "select state, count(*) from letter group by state") == [("ready", 3)]


@pytest.mark.peers
@pytest.mark.xdist_group("dovecot")
def test_a_wrong_imap_password_is_told_by_poll_and_once_by_the_service(office, dovecot):
    office.settings |= mail_settings(dovecot, IMAP_PASSWORD="secret-word")

    line = told(office, "poll", code=1)
    with service(office, now=BEFORE_THE_ISSUE) as running:
        running.until(lambda: running.says("of=reading"), "the trouble is told")
        running.until(lambda: count(office, "letter") == 3, "the other loops go on")
        running.stop()

    assert line.startswith("mailbox inbox: the server refused the login")
    assert "check user and password" in line
    assert running.log.count("of=reading") == 1
    assert "secret-word" not in running.log + line


def test_a_mailbox_that_is_away_is_one_line(office):
    office.settings |= {"IMAP_HOST": HOST, "IMAP_PORT": str(free_port()), "IMAP_USER": "u", "IMAP_PASSWORD": "p"}

    line = told(office, "poll", code=1)

    assert line.startswith("mailbox inbox: the server cannot be used now")


def test_a_mail_server_that_is_away_is_told_once_and_gets_its_letters_when_it_is_back(office):
    port = int(office.settings["SMTP_PORT"])
    with service(office, now=BEFORE_THE_ISSUE) as running:
        running.until(lambda: running.log.count("delivery.trouble") >= 2, "tried twice")
        assert running.log.count("service.trouble") == 1
        assert f"{HOST}:{port} cannot be reached" in running.log
        assert count(office, "letter where state = 'ready'") == 3
        sink = SmtpSink(port=port)
        controller = Controller(sink, hostname=HOST, port=port)
        controller.start()
        try:
            running.until(lambda: running.says("service.recovered of=mail-server"), "it is over")
            running.stop()
        finally:
            controller.stop()

    assert len(sink.messages) == 3
    assert running.log.count("service.trouble") == 1


# ---- files ----


def test_a_roster_that_is_no_zip_is_named(office):
    path = office.folder / "roster.zip"
    path.write_bytes(b"PK\x03\x04 this is no archive")

    line = told(office, "roster", "import", str(path), code=2)

    assert "roster.zip" in line
    assert count(office, "guardian") == 3


def test_a_mistake_in_the_schools_own_template_names_file_and_line(office):
    own = office.folder / "letters" / "newsletter"
    own.mkdir(parents=True)
    (own / "subject.txt").write_text("News\n{{ letter.nothing_of_the_kind }}\n", "utf-8")
    office.settings["NEWSLETTER_TEMPLATES"] = "letters"

    line = told(office, "publish", code=2)
    with service(office, now=BEFORE_THE_ISSUE) as running:
        running.until(lambda: running.says("of=publishing"), "the trouble is told")
        assert running.stop() < 10

    assert "newsletter/subject.txt, line 2" in line
    assert "newsletter/subject.txt, line 2" in running.log
    assert count(office, "letter") == 0
    assert count(office, "slot where name = 'newsletter'") == 0  # it goes out as soon as the template is mended


def test_an_unwritable_place_for_the_database_is_named(office):
    office.settings["DATABASE_URL"] = "sqlite:/proc/fridayfolder.db"  # not even root may write there

    line = told(office, "publish", code=1)

    assert line.startswith("database.url: cannot open the database /proc/fridayfolder.db")


def test_an_old_database_says_what_to_run(office):
    with contextlib.closing(sqlite3.connect(office.folder / "fridayfolder.db")) as database:
        database.execute("delete from schema_migration where name <> '0001_initial'")
        database.commit()

    line = told(office, "run", code=2)

    assert "lacks" in line
    assert "run 'fridayfolder init'" in line


# ---- mails ----


@pytest.mark.peers
@pytest.mark.xdist_group("dovecot")
def test_rubbish_between_good_mails_is_kept_and_stops_nothing(office, dovecot, smtp_sink):
    office.settings |= mail_settings(dovecot, SMTP_PORT=str(smtp_sink.port))
    office.run("publish")
    office.run("deliver")
    letter = next(held.content for held in smtp_sink.messages if held.recipients == (EVA[1],))
    good = [reply(letter, "gmail-web", words, EVA, FRIDAY) for words in ("The first word.", "The last word.")]
    drop(dovecot, good[0], *RUBBISH, good[1])

    polled = office.run("poll", now="2026-11-27T19:00:00+00:00")

    wanted = len(RUBBISH) + 2
    assert polled["fetched"] == wanted
    assert {text for (text,) in rows(office, "select text from message")} == {"The first word.", "The last word."}
    assert count(office, "spool where finished_at is not null and state <> 'received'") == wanted
    assert count(office, "spool_raw") == wanted
    # A mail that makes us fail is tried three times: its bytes are damaged here, as on a bad disk.
    with contextlib.closing(sqlite3.connect(office.folder / "fridayfolder.db")) as database:
        first = "(select min(id) from spool where state <> 'filed')"
        database.execute(f"update spool_raw set packed = x'00' where spool_id = {first}")
        database.execute(
            f"update spool set state = 'received', finished_at = null, content_key = '' where id = {first}"
        )
        database.commit()
    drop(dovecot, reply(letter, "apple-mail", "A word after it.", EVA, FRIDAY))
    again = office.run("poll", now="2026-11-27T19:05:00+00:00")
    assert [held["state"] for held in again["outcomes"]] == ["filed"]
    for _ in range(2):
        assert office.process("poll").returncode == 0
    assert rows(office, "select attempts from spool where state = 'poison'") == [(3,)]
    assert office.run("poll") == {"fetched": 0, "outcomes": []}
    assert count(office, "spool_raw") == wanted + 1
    assert "1 mail(s) could not be read" in office.process("doctor").stdout


# ---- the database ----


def test_a_database_locked_for_a_quarter_of_a_minute_is_waited_for(office, smtp_sink):
    office.settings["SMTP_PORT"] = str(smtp_sink.port)
    with contextlib.closing(sqlite3.connect(office.folder / "fridayfolder.db", check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(15, other.rollback)
        release.start()
        with service(office, now=BEFORE_THE_ISSUE) as running:
            running.until(lambda: len(smtp_sink.messages) == 3, "the letters go out afterwards")
            assert not release.is_alive()
            running.stop()
        release.join()

    assert "ERROR" not in running.log
    assert "service.trouble" not in running.log
    assert len(smtp_sink.messages) == 3
