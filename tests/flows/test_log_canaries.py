"""A whole week at --verbose: no name, address, word, password or token in any log line."""

import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from office.demo.clients import mailto_addresses, reply, teacher_reply
from tests.flows.driver import Office, new_office
from tests.flows.rubbish import RUBBISH
from tests.flows.running import ROSTER, drop, mail_settings, service
from tests.peers.loopback import HOST, free_port
from tests.peers.smtp_sink import SmtpSink

FRIDAY = datetime(2026, 11, 27, 15, 15, tzinfo=UTC)
NAMES = ("Novak", "Berg", "Eva", "Jon", "Mia", "Anna", "Leo", "Ida", "Horn", "Ruiz", "Cole", "Petra")
MARK = "zqx"
TOKEN = re.compile(r"[0-9a-hjkmnp-tv-z]{29}")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
SAID = re.compile(r"^(\d{4}-\d\d-\d\d .*|Traceback.*|  File .*)$", re.MULTILINE)


class EchoingSink(SmtpSink):
    """Refuses Jon and repeats whom; lets nobody log in and repeats who tried."""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the name aiosmtpd calls
        if "jon" in address:
            return f"550 5.1.1 <{address}> is no user here"
        return await super().handle_RCPT(server, session, envelope, address, options)


def refuse(server, session, envelope, mechanism, auth_data):
    return AuthResult(success=False, handled=False, message=f"535 5.7.8 no {auth_data.login.decode()} here")


@pytest.fixture
def echoing_sink():
    sink = EchoingSink(port=free_port())
    controller = Controller(sink, hostname=HOST, port=sink.port, authenticator=refuse, auth_require_tls=False)
    controller.start()
    yield sink
    controller.stop()


def marked_roster(folder):
    shutil.copytree(ROSTER, folder)
    users = folder / "users.csv"
    text = users.read_text("utf-8")
    for name in NAMES:
        text = re.sub(rf"\b{name}\b", f"Z{MARK[1:]}{name.lower()}", text)
    users.write_text(re.sub(r"\b([\w.]+@)", rf"{MARK}\1", text), "utf-8")
    return folder


class Listener:
    """Runs commands at --verbose and keeps what they log."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.lines: list[str] = []

    def __call__(self, *words: str, now: datetime = FRIDAY) -> str:
        done = self.office.process(*words, "--verbose", now=now.isoformat())
        assert done.returncode in {0, 1}, done.stderr
        self.lines += SAID.findall(done.stderr)
        return done.stdout


def test_a_week_leaves_no_canary_in_any_log_line(tmp_path, echoing_sink, pymap_server):
    office = new_office(
        tmp_path / "school",
        in_process=True,
        SCHOOL_CONTACT=f"{MARK}office@school.test",
        **mail_settings(pymap_server, SMTP_PORT=str(echoing_sink.port)),
    )
    run = Listener(office)
    run("roster", "import", str(marked_roster(tmp_path / "roster")))
    run("item", "add", "--title", f"{MARK}title", "--body", f"{MARK}body", "--date", "2026-11-27")
    run("publish")
    run("deliver")
    letters = {held.recipients[0]: held.content for held in echoing_sink.messages}
    eva = next(address for address in letters if "eva" in address)
    parent = (f"{MARK}parent", eva)
    mails = [
        reply(letters[eva], "gmail-web", f"{MARK}words about something", parent, FRIDAY),
        reply(letters[eva], "outlook-desktop", f"{MARK}words of another", ("S", f"{MARK}stranger@example.org"), FRIDAY),
        letters[eva],
    ]
    drop(pymap_server, *mails, *(mail for mail in RUBBISH if b"\x00" not in mail and mail.isascii() and b":" in mail))
    run("poll")
    monday = FRIDAY + timedelta(days=3)
    run("digest", now=monday)
    run("deliver", now=monday)
    horn, digest = next((h.recipients[0], h.content) for h in echoing_sink.messages if "horn" in h.recipients[0])
    button = next(address for _, address in mailto_addresses(digest) if address.startswith("reply+"))
    answer = teacher_reply(digest, button, f"{MARK}answer", client="thunderbird", author=("T", horn), at=monday)
    drop(pymap_server, answer)
    run("poll", now=monday)
    run("deliver", now=monday)
    run("tray", "list")
    run("doctor")
    run("families", "bounced")

    # Both servers refuse the service, and repeat the name it gave.
    office.settings |= {
        "SMTP_USER": f"{MARK}user",
        "SMTP_PASSWORD": f"{MARK}password",
        "IMAP_USER": f"{MARK}user@school.test",
        "IMAP_PASSWORD": f"{MARK}password",
    }
    with service(office, "run", "--verbose", now=(FRIDAY + timedelta(days=7, seconds=-310)).isoformat()) as running:
        running.until(lambda: running.says("of=reading") and running.says("of=mail-server"), "both refuse")
        running.stop()
    run.lines += SAID.findall(running.log)

    said = "\n".join(run.lines)
    for event in ("roster.imported", "issue.planned", "letter.sent", "letter.failed", "mail.read", "digests.planned"):
        assert event in said, f"{event} was never logged"
    assert len(run.lines) > 30
    assert MARK not in said.lower()
    assert not any(name.lower() in said.lower() for name in ("novak", "petra", "zqx", "winter"))
    assert ADDRESS.findall(said) == []
    assert TOKEN.findall(said) == []
    assert "Traceback" not in said
