"""One school week by the commands alone: roster, letters, replies, digests, answers."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from imapclient import IMAPClient

from office.demo.clients import mailto_addresses, reply, teacher_reply
from tests.flows.driver import Office, new_office

ROSTER = Path(__file__).parents[1] / "rosters" / "novak_berg"
FRIDAY = datetime(2026, 11, 27, 15, 15, tzinfo=UTC)
EVA, JON, MIA = ("Eva Novak", "eva@example.org"), ("Jon Berg", "jon@example.org"), ("Mia Berg", "mia@example.org")


class Post:
    """Where letters arrive and where replies are dropped: a sink for SMTP, a mailbox for IMAP."""

    def __init__(self, sink, mailbox) -> None:
        self.sink = sink
        self.mailbox = mailbox

    def letter_to(self, address: str) -> bytes:
        return [held.content for held in self.sink.messages if held.recipients == (address,)][-1]

    def answer(self, raw: bytes) -> None:
        with IMAPClient(self.mailbox.host, port=self.mailbox.port, ssl=False, timeout=20) as client:
            client.login(self.mailbox.user, self.mailbox.password)
            client.append("INBOX", raw)


def week_of(folder: Path, post: Post, *, in_process: bool, **settings: str) -> Office:
    """The school with its roster and one item, the week published and delivered."""
    office = new_office(
        folder,
        in_process=in_process,
        SMTP_PORT=str(post.sink.port),
        IMAP_HOST=post.mailbox.host,
        IMAP_PORT=str(post.mailbox.port),
        IMAP_USER=post.mailbox.user,
        IMAP_PASSWORD=post.mailbox.password,
        **settings,
    )
    office.run("roster", "import", str(ROSTER))
    office.run("item", "add", "--title", "Winter fair", "--body", "Bring *soup*.", "--date", "2026-11-27")
    office.run(
        "item",
        "add",
        "--title",
        "Times tables",
        "--body",
        "We start.",
        "--audience",
        "class:3B",
        "--date",
        "2026-11-27",
    )
    return office


@pytest.fixture(params=["sqlite", "postgres"])
def school(request, tmp_path, smtp_sink, pymap_server) -> tuple[Office, Post]:
    """On both databases; the tests over Dovecot and Postfix run the same commands as processes."""
    settings = {}
    if request.param == "postgres":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    post = Post(smtp_sink, pymap_server)
    return week_of(tmp_path / "school", post, in_process=True, **settings), post


def published(office: Office) -> None:
    assert office.run("publish")["planned"] == 3
    assert office.run("publish")["planned"] == 0
    assert office.run("deliver") == {**office.run("deliver"), "sent": 3}


def read_mail(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_week_runs_from_the_roster_to_the_teachers_answer(school):
    office, post = school
    first = office.run("publish")
    again = office.run("publish")
    delivered = office.run("deliver")
    assert (first["planned"], again["planned"], delivered["sent"]) == (3, 0, 3)
    assert {held.recipients for held in post.sink.messages} == {(address,) for _, address in (EVA, JON, MIA)}

    # Eva answers with plain Reply; Mia uses Ida's button; Jon of two children gives no hint.
    evening = FRIDAY + timedelta(hours=3)
    eva_says = reply(post.letter_to(EVA[1]), "gmail-web", "Anna is at the dentist on Monday.", EVA, evening)
    post.answer(eva_says)
    post.answer(
        reply(post.letter_to(MIA[1]), "outlook-desktop", "She forgot her book.", MIA, evening, via_section_of="Ida")
    )
    post.answer(reply(post.letter_to(JON[1]), "apple-mail", "We shall be late tomorrow.", JON, evening))
    polled = office.run("poll", now="2026-11-27T19:00:00+00:00")

    by_author = {held["author"]: held for held in polled["outcomes"]}
    assert polled["fetched"] == 3
    assert by_author["g-eva"]["state"] == "filed"
    assert by_author["g-eva"]["filings"] == [
        {"child": "c-anna", "role": "class", "teachers": ["t-horn"], "text": "Anna is at the dentist on Monday."}
    ]
    assert [held["child"] for held in by_author["g-mia"]["filings"]] == ["c-ida"]
    assert by_author["g-mia"]["filings"][0]["teachers"] == ["t-ruiz"]
    assert by_author["g-jon"]["state"] in {"triage", "asked"}
    assert office.run("poll", now="2026-11-27T19:05:00+00:00")["outcomes"] == []
    assert [held["state"] for held in office.run("tray", "list")] == [by_author["g-jon"]["state"]]

    # Each teacher sees her own conversation and nobody else's.
    assert [held["child"] for held in office.run("conversations", "list", "--teacher", "t-horn")] == ["c-anna"]
    assert [held["child"] for held in office.run("conversations", "list", "--teacher", "t-ruiz")] == ["c-ida"]
    assert office.run("conversations", "list", "--teacher", "t-cole") == []

    # The digest carries the new words, and no quote; the answer goes to that guardian alone.
    made = office.run("digest", now="2026-11-30T15:40:00+00:00")
    assert (made["planned"], sorted(made["teachers"])) == (2, ["t-horn", "t-ruiz"])
    assert office.run("digest", now="2026-11-30T15:41:00+00:00")["planned"] == 0
    assert office.run("deliver", now="2026-11-30T15:42:00+00:00")["sent"] == 3  # the office has its own
    digest = post.letter_to("horn@school.test")
    text = read_mail(digest).get_body(("plain",)).get_content()
    assert "Anna is at the dentist on Monday." in text
    assert "forgot her book" not in text
    assert "Winter fair" not in text
    answer_to = next(address for _, address in mailto_addresses(digest) if address.startswith("reply+"))
    post.answer(
        teacher_reply(
            digest,
            answer_to,
            "Thank you, get well soon!",
            client="thunderbird",
            author=("Petra Horn", "horn@school.test"),
            at=FRIDAY + timedelta(days=3),
        )
    )
    answered = office.run("poll", now="2026-11-30T16:00:00+00:00")["outcomes"]
    assert [(held["state"], held["teacher"]) for held in answered] == [("filed", "t-horn")]
    before = len(post.sink.messages)
    assert office.run("deliver", now="2026-11-30T16:01:00+00:00")["sent"] == 1
    assert len(post.sink.messages) == before + 1

    answer = read_mail(post.letter_to(EVA[1]))
    assert "Thank you, get well soon!" in answer.get_body(("plain",)).get_content()
    assert answer["In-Reply-To"].strip() == read_mail(eva_says)["Message-ID"].strip()
    assert read_mail(eva_says)["Message-ID"].strip() in answer["References"]
    assert b"horn@school.test" not in post.letter_to(EVA[1])

    # Her next word comes home to the same conversation.
    post.answer(reply(post.letter_to(EVA[1]), "gmail-android", "She is fine again.", EVA, FRIDAY + timedelta(days=4)))
    assert [held["state"] for held in office.run("poll", now="2026-12-01T08:00:00+00:00")["outcomes"]] == ["filed"]
    (talk,) = office.run("conversations", "list", "--teacher", "t-horn", now="2026-12-01T08:00:00+00:00")
    assert [(turn["from"], turn["text"]) for turn in talk["messages"]] == [
        ("g-eva", "Anna is at the dentist on Monday."),
        ("t-horn", "Thank you, get well soon!"),
        ("g-eva", "She is fine again."),
    ]


def test_the_office_files_what_waits(school):
    office, post = school
    office.run("publish")
    office.run("deliver")
    post.answer(reply(post.letter_to(JON[1]), "apple-mail", "We shall be late tomorrow.", JON, FRIDAY))
    office.run("poll")
    (waiting,) = office.run("tray", "list")
    assert {held["child"] for held in waiting["suggestions"]} == {"c-ida", "c-leo"}

    shown = office.run("tray", "show", str(waiting["spool"]))
    assert (shown["author"], shown["text"]) == ("g-jon", "We shall be late tomorrow.")
    assert "Winter fair" in shown["body"]  # the quoted letter too: the office may see it

    office.run("tray", "file", str(waiting["spool"]), "--child", "c-leo")

    assert office.run("tray", "list") == []
    (talk,) = office.run("conversations", "list", "--teacher", "t-horn")
    assert [turn["text"] for turn in talk["messages"]] == ["We shall be late tomorrow."]


def test_wrong_use_says_what_and_exits_2(tmp_path):
    office = new_office(tmp_path / "school", in_process=True)

    for words, told in (
        (("roster", "import", __file__), "roster"),
        (("plan",), "term"),
        (("conversations", "show", "7"), "conversation 7"),
        (("tray", "file", "7", "--child", "c-x"), "mail 7"),
    ):
        done = office.process(*words)
        assert (done.returncode, done.stdout) == (2, ""), (words, done.stderr)
        assert told in done.stderr.splitlines()[-1], done.stderr
        assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_one_line_that_names_it(tmp_path):
    office = new_office(tmp_path / "school", in_process=True)
    config = office.folder / "config.toml"
    config.write_text(config.read_text().replace("[smtp]\n", "[smtp]\nprot = 25\n"))

    done = office.process("plan")

    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [
        "fridayfolder: config.toml: smtp.prot is not a setting: did you mean smtp.port?"
    ]
