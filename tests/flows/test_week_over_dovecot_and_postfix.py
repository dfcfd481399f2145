"""The same week through servers a school has: Postfix takes the letters, Dovecot holds every mailbox."""

import email
import email.policy
import smtplib
import time
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses
from pathlib import Path

import pytest
from imapclient import IMAPClient

from office.demo.clients import mailto_addresses, reply, teacher_reply
from tests.flows.driver import new_office

pytestmark = [pytest.mark.peers, pytest.mark.xdist_group("dovecot")]
ROSTER = Path(__file__).parents[1] / "rosters" / "novak_berg"
FRIDAY = datetime(2026, 11, 27, 15, 15, tzinfo=UTC)
EVA, MIA = ("Eva Novak", "eva@example.org"), ("Mia Berg", "mia@example.org")
PATIENCE = 30.0


class PostOffice:
    """Everybody's mailbox at one Dovecot, everybody's mail through one Postfix."""

    def __init__(self, dovecot, postfix) -> None:
        self.dovecot = dovecot
        self.postfix = postfix

    def mails_of(self, user: str) -> list[bytes]:
        with IMAPClient(self.dovecot.host, port=self.dovecot.port, ssl=False, timeout=20) as client:
            client.login(user, "pw")
            client.select_folder("INBOX", readonly=True)
            found = client.fetch(client.search(["ALL"]), ["BODY.PEEK[]"])
            return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def wait_for(self, user: str, count: int) -> list[bytes]:
        end = time.monotonic() + PATIENCE
        while len(found := self.mails_of(user)) < count:
            assert time.monotonic() < end, f"{user} has {len(found)} mails, not {count}"
            time.sleep(0.2)
        return found

    def send(self, raw: bytes, sender: str) -> None:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        to = [address for _, address in getaddresses([str(message["To"])])]
        with smtplib.SMTP(self.postfix.host, self.postfix.port, timeout=20) as smtp:
            smtp.sendmail(sender, to, raw)


@pytest.fixture
def school(tmp_path, dovecot, postfix):
    post = PostOffice(dovecot, postfix(lmtp_to=dovecot.lmtp))
    office = new_office(
        tmp_path / "school",
        SMTP_PORT=str(post.postfix.port),
        IMAP_HOST=dovecot.host,
        IMAP_PORT=str(dovecot.port),
        IMAP_USER=dovecot.user,
        IMAP_PASSWORD="pw",
        IMAP_ARCHIVE="Archive",
        REPLIES_MAILBOX=dovecot.user,
    )
    office.run("roster", "import", str(ROSTER))
    office.run("item", "add", "--title", "Winter fair", "--body", "Bring *soup*.", "--date", "2026-11-27")
    return office, post, dovecot


def test_a_week_over_real_servers(school):
    office, post, dovecot = school
    seen = {user: len(post.mails_of(user)) for user in ("eva", "mia", "horn")}
    assert office.run("publish")["planned"] == 3
    assert office.run("deliver")["sent"] == 3
    to_eva = post.wait_for("eva", seen["eva"] + 1)[-1]
    to_mia = post.wait_for("mia", seen["mia"] + 1)[-1]

    said = reply(to_eva, "thunderbird", "Anna is at the dentist on Monday.", EVA, FRIDAY)
    post.send(said, EVA[1])
    post.send(reply(to_mia, "yahoo", "She forgot her book.", MIA, FRIDAY, via_section_of="Ida"), MIA[1])
    post.wait_for(dovecot.user, 2)
    polled = office.run("poll", now="2026-11-27T19:00:00+00:00")

    filed = {
        held["author"]: [(one["child"], one["teachers"], one["text"]) for one in held["filings"]]
        for held in polled["outcomes"]
    }
    assert filed == {
        "g-eva": [("c-anna", ["t-horn"], "Anna is at the dentist on Monday.")],
        "g-mia": [("c-ida", ["t-ruiz"], "She forgot her book.")],
    }
    with dovecot.client() as client:
        client.select_folder("Archive")
        assert len(client.search(["ALL"])) == 2

    assert office.run("digest", now="2026-11-30T15:40:00+00:00")["planned"] == 2
    assert office.run("deliver", now="2026-11-30T15:41:00+00:00")["sent"] == 2
    digest = post.wait_for("horn", seen["horn"] + 1)[-1]
    button = next(address for _, address in mailto_addresses(digest) if address.startswith(f"{dovecot.user}+"))
    teacher = ("Petra Horn", "horn@school.test")
    words = "Thank you, get well soon!"
    post.send(
        teacher_reply(digest, button, words, client="outlook-web", author=teacher, at=FRIDAY + timedelta(days=3)),
        teacher[1],
    )
    post.wait_for(dovecot.user, 1)
    assert [held["state"] for held in office.run("poll", now="2026-11-30T16:00:00+00:00")["outcomes"]] == ["filed"]
    assert office.run("deliver", now="2026-11-30T16:01:00+00:00")["sent"] == 1

    answer = post.wait_for("eva", seen["eva"] + 2)[-1]
    read = email.message_from_bytes(answer, policy=email.policy.default)
    original = email.message_from_bytes(said, policy=email.policy.default)
    assert words in read.get_body(("plain",)).get_content()
    assert read["In-Reply-To"].strip() == original["Message-ID"].strip()
    assert b"horn@school.test" not in answer


def test_a_refused_family_comes_back_as_a_bounce_on_its_own_address(school):
    office, post, dovecot = school
    # The registered address of Jon: accepted by our server, refused further on.
    users = office.folder / "roster"
    users.mkdir()
    for path in ROSTER.iterdir():
        (users / path.name).write_bytes(path.read_bytes().replace(b"jon@example.org", b"gone@example.org"))
    office.run("roster", "import", str(users))
    office.run("publish")
    assert office.run("deliver")["sent"] == 3

    post.wait_for(dovecot.user, 1)
    (outcome,) = office.run("poll", now="2026-11-27T19:00:00+00:00")["outcomes"]
    (trouble,) = office.run("families", "bounced")

    assert (outcome["kind"], outcome["state"]) == ("bounce", "ignored")
    assert trouble["guardians"] == ["g-jon"]
    assert trouble["suppressed"]
    assert office.run("conversations", "list") == []
