"""Plays one scenario by the commands alone: what happens is a TOML file of steps, each with what must be true after it.

A step may let days pass, change cells of the roster and import it, change settings, make a teacher's digest, and let a
mail arrive; then `poll` and `deliver` run, and `then` is compared with what the commands answered and what was sent.
"""

import csv
import io
import re
import shutil
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from office.demo.clients import File, reply, teacher_reply, write_new
from office.demo.clients.original import buttons
from office.demo.machines import bounce, calendar_accept, read_receipt, vacation_notice
from tests.flows.driver import Office
from tests.rosters.exports import HERE as ROSTERS

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.toml"))
ROSTER = ROSTERS / "novak_berg"
FRIDAY = datetime(2026, 11, 27, 15, 15, tzinfo=UTC)
TEACHERS = ("t-cole", "t-horn", "t-ruiz")
CAST = {
    "Eva": ("Eva Novak", "eva@example.org"),
    "Jon": ("Jon Berg", "jon@example.org"),
    "Mia": ("Mia Berg", "mia@example.org"),
    "Horn": ("Petra Horn", "horn@school.test"),
    "Jon at work": ("Jon Berg", "jon@work.example"),
    "Grandmother": ("Oma Novak", "oma@example.net"),
    "List": ("Eva via Parents", "parents@lists.example.net"),
    "Shop": ("Shop", "deals@example.net"),
}
PHOTO = File(name="IMG_1.jpg", content_type="image/jpeg", data=b"\xff\xd8\xff\xe0" + b"0" * 400)


def read_scenario(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


@dataclass
class Stage:
    """One school with its letters sent, its mailbox, and what has been played so far."""

    office: Office
    sink: Any
    client: IMAPClient  #: drops mail into the mailbox, as a mail server does
    folder: str = "INBOX"
    now: datetime = FRIDAY + timedelta(hours=4)
    mails: list[bytes] = field(default_factory=list)  #: what arrived, in order
    spools: list[int] = field(default_factory=list)  #: the number of each outcome's mail

    # ---- what was sent ----

    def letters_to(self, who: str) -> list[bytes]:
        return [held.content for held in self.sink.messages if held.recipients == (CAST[who][1],)]

    def newsletter(self, who: str) -> bytes:
        return self.letters_to(who)[0]

    # ---- what happens ----

    def play(self, step: dict[str, Any]) -> None:
        self.now += timedelta(days=step.get("after_days", 0), minutes=7)
        self.office.now = self.now.isoformat()
        self.office.settings.update({key: str(value) for key, value in step.get("settings", {}).items()})
        if "roster" in step:
            self.import_roster(step["roster"])
        if "digest" in step:
            assert step["digest"] in self.office.run("digest")["teachers"]
            self.office.run("deliver")
        if step.get("renumber"):
            self.renumber()
        for mail in step.get("mails", []):
            self.arrive(self.written(mail))
        words = [self.filled(word) for word in step.get("command", ["poll"])]
        self.check(step.get("then", {}), words)

    def import_roster(self, change: dict[str, Any]) -> None:
        """The roster with cells changed (`"users.c-ida.givenName" = "Zoë"`) or people gone, imported again."""
        folder = self.office.folder / "changed"
        shutil.copytree(ROSTER, folder, dirs_exist_ok=True)
        for path in folder.glob("*.csv"):
            table = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
            text = io.StringIO()
            writer = csv.DictWriter(text, table[0].keys())
            writer.writeheader()
            for row in table:
                for cell, value in change.get("cells", {}).items():
                    name, key, column = cell.split(".")
                    if (path.stem, row.get("sourcedId")) == (name, key):
                        row[column] = value
                if not {row.get("sourcedId"), row.get("userSourcedId")} & set(change.get("gone", [])):
                    writer.writerow(row)
            path.write_text(text.getvalue(), "utf-8")
        self.office.run("roster", "import", str(folder), "--accept-removals")

    def arrive(self, raw: bytes) -> None:
        self.mails.append(raw)
        self.client.append(self.folder, raw)

    def renumber(self) -> None:
        """The server was restored: the same mails under new numbers."""
        self.client.delete_folder(self.folder)
        self.client.create_folder(self.folder)
        for raw in reversed(self.mails):
            self.client.append(self.folder, raw)

    # ---- what a mail program or a machine writes ----

    def written(self, mail: dict[str, Any]) -> bytes:
        raw = self.mails[mail["again"]] if "again" in mail else WRITERS[mail.get("how", "reply")](self, mail)
        for name in mail.get("without", []):
            raw, count = re.subn(rb"(?mi)^%s:.*\r\n(?:[ \t].*\r\n)*" % name.encode(), b"", raw)
            assert count, f"the mail has no {name}"
        if "dmarc" in mail:
            raw = (
                f"Authentication-Results: mx.school.test; dmarc={mail['dmarc']} header.from=example.org\r\n".encode()
                + raw
            )
        return "".join(f"{self.filled(line)}\r\n" for line in mail.get("with", [])).encode() + raw

    def filled(self, text: str) -> str:
        """{address of Eva}: where a plain reply to her letter goes; {id of Eva}: that letter's Message-ID; {spool}."""
        text = re.sub(r"\{address of (.+?)\}", lambda found: _header(self.newsletter(found[1]), "Reply-To"), text)
        text = re.sub(r"\{id of (.+?)\}", lambda found: _header(self.newsletter(found[1]), "Message-ID"), text)
        return text.replace("{spool}", str(self.spools[-1] if self.spools else 0))

    def _reply(self, mail: dict[str, Any]) -> bytes:
        author = CAST[mail["by"]]
        letter = self.letters_to(mail.get("letter_of", mail["by"]))[mail.get("letter", 0)]
        more: dict[str, Any] = {"files": (PHOTO,)} if mail.get("photo") else {}
        if "video_bytes" in mail:
            more["files"] = (File(name="dance.mp4", content_type="video/mp4", data=bytes(mail["video_bytes"])),)
        if "to" in mail:
            more["to"] = self.changed_address(mail["to"], letter)
        more |= {key: mail[key] for key in ("subject", "via_section_of") if key in mail}
        return reply(letter, mail.get("client", "iphone"), mail["words"], author, self.now, **more)

    def changed_address(self, to: str, letter: bytes) -> str:
        address = _header(letter, "Reply-To")
        return {"upper": address.upper(), "lower": address.lower()}.get(to, self.filled(to))

    def _new(self, mail: dict[str, Any]) -> bytes:
        to = self.filled(mail.get("to", "reply@school.test"))
        subject = mail.get("subject", "A question")
        client = mail.get("client", "iphone")
        return write_new(mail["words"], client=client, author=CAST[mail["by"]], at=self.now, to=to, subject=subject)

    def _raw(self, mail: dict[str, Any]) -> bytes:
        return self.filled(mail["raw"]).replace("\n", "\r\n").encode(mail.get("charset", "utf-8"))

    def _button(self, mail: dict[str, Any]) -> bytes:
        """The newest mail that came to her, one of its buttons pressed."""
        button = next(held for held in buttons(self.letters_to(mail["by"])[-1]) if mail["label"] in held.label)
        author = CAST[mail["by"]]
        return write_new(
            button.label, client="iphone", author=author, at=self.now, to=button.address, subject=button.subject
        )

    def _teacher(self, mail: dict[str, Any]) -> bytes:
        """Her newest digest, answered at the button about that family."""
        digest = self.letters_to(mail["by"])[-1]
        button = next(held for held in buttons(digest) if mail["about"] in held.label)
        author = CAST[mail["by"]]
        return teacher_reply(digest, button.address, mail["words"], client="outlook-web", author=author, at=self.now)

    def _machine(self, mail: dict[str, Any]) -> bytes:
        who, how = CAST[mail["by"]], mail["how"]
        held = next(held for held in self.sink.messages if held.recipients == (who[1],))
        if how == "vacation":
            return vacation_notice(held.content, who, self.now)
        if how == "receipt":
            return read_receipt(held.content, who, self.now)
        if how == "calendar":
            return calendar_accept(held.content, who, self.now, "choir@school.test", "Choir")
        if how == "bounce":
            return bounce(held.content, who[1], mail["status"], at=self.now, envelope_from=held.sender)
        return held.content

    # ---- what must be true ----

    def check(self, then: dict[str, Any], words: list[str]) -> None:
        before = len(self.sink.messages)
        answered = self.office.run(*words, expect=then.get("exit", 0))
        if then.get("exit"):
            assert set(answered) == {"error"}
            return
        delivered = self.office.run("deliver")
        sent = sorted(address for held in self.sink.messages[before:] for address in held.recipients)
        assert delivered["sent"] == len(sent)
        assert sent == sorted(then.get("sent", [])), answered
        if words == ["poll"]:
            self.check_outcomes(then, answered)
        if "sees" in then:
            assert self.seen() == then["sees"]
        if "tray" in then:
            assert [held["state"] for held in self.office.run("tray", "list")] == then["tray"]
        if "suggested" in then:
            (waiting,) = self.office.run("tray", "list")
            assert [held["child"] for held in waiting["suggestions"]] == then["suggested"]
        if "bounced" in then:
            troubles = self.office.run("families", "bounced")
            assert {held["address"]: held["suppressed"] for held in troubles} == then["bounced"]

    def check_outcomes(self, then: dict[str, Any], polled: dict[str, Any]) -> None:
        expected = then.get("outcomes", [then])
        outcomes = polled["outcomes"]
        assert len(outcomes) == len(expected), outcomes
        if "fetched" in then:
            assert polled["fetched"] == then["fetched"]
        for outcome, wanted in zip(outcomes, expected, strict=True):
            self.spools.append(outcome["spool"])
            kind, state = wanted.get("kind", "human"), wanted["state"]
            assert (outcome["kind"], outcome["state"]) == (kind, state), outcome["reasons"]
            assert set(wanted.get("reasons", [])) <= set(outcome["reasons"]), outcome["reasons"]
            if "author" in wanted:
                assert outcome["author"] == (wanted["author"] or None)
            assert outcome["filings"] == [_filing(held) for held in wanted.get("filed", [])], outcome["filings"]

    def seen(self) -> dict[str, list[list[str]]]:
        """What each teacher may see now, without those who see nothing."""
        if not self.office.run("conversations", "list"):
            return {}
        return {teacher: seen for teacher in TEACHERS if (seen := self.seen_by(teacher))}

    def seen_by(self, teacher: str) -> list[list[str]]:
        """[child, who wrote, words] of everything this teacher may see now."""
        talks = self.office.run("conversations", "list", "--teacher", teacher)
        assert all(teacher in talk["teachers"] for talk in talks)
        return [[talk["child"], turn["from"], turn["text"]] for talk in talks for turn in talk["messages"]]


WRITERS = {
    "reply": Stage._reply,
    "new": Stage._new,
    "raw": Stage._raw,
    "button": Stage._button,
    "teacher": Stage._teacher,
    **dict.fromkeys(("vacation", "receipt", "calendar", "bounce", "echo"), Stage._machine),
}


def _header(raw: bytes, name: str) -> str:
    found = re.search(rb"(?mi)^%s:\s*(?:.*<(?=\S+>\s*$))?(\S+?)>?\s*$" % name.encode(), raw)
    assert found, f"the letter has no {name}"
    return found[1].decode().strip("<>")


def _filing(held: list[Any]) -> dict[str, Any]:
    child, role, teachers, text = held
    return {"child": child, "role": role, "teachers": teachers, "text": text}
