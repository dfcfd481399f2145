"""Whatever stands in a roster or an item, a letter has the header lines we wrote, and goes to the address meant."""

import csv
import io
import re
from email import message_from_bytes, policy
from itertools import product

import pytest

from tests.flows.driver import new_office
from tests.mailer.test_headers import BREAKS, faults

HEADER = ("student id", "student given name", "student family name", "class", "teacher", "teacher email",
          "guardian id", "guardian given name", "guardian family name", "guardian email",
          "guardian language")  # fmt: skip
#: What people and files fill: each of these columns, item titles and bodies, and the school's own name.
NAMED = (1, 2, 3, 4, 7, 8)
INJECTED = ("Bcc: evil@example.org", "X-Evil: 1", "Subject: other", "\tfolded: 1")
MEANT = {
    b"date", b"from", b"to", b"reply-to", b"subject", b"message-id", b"references", b"mime-version", b"content-type",
    b"content-language", b"list-id", b"list-unsubscribe", b"precedence", b"auto-submitted", b"feedback-id",
    b"x-auto-response-suppress", b"list-help", b"content-transfer-encoding",
}  # fmt: skip


def sheet(folder, rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([list(HEADER), *rows])
    path = folder / "sheet.csv"
    path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    return str(path)


def row(number: int, **changes) -> list[str]:
    values = [f"s{number}", f"Kid{number}", "Lopez", "3B", "Petra Horn", "horn@school.test", f"g{number}",
              f"Maria{number}", "Lopez", f"parent{number}@example.org", ""]  # fmt: skip
    for column, text in changes.items():
        values[int(column.removeprefix("c"))] = text
    return values


@pytest.fixture
def office(tmp_path, smtp_sink):
    office = new_office(tmp_path / "school", in_process=True, SMTP_PORT=str(smtp_sink.port))
    office.run("item", "add", "--title", "Winter fair", "--body", "Bring soup.", "--date", "2026-11-27")
    return office


def lines_of(raw: bytes) -> list[bytes]:
    """The header names a lenient server would see: any line end counts."""
    block = re.split(rb"(?:\r\n|\r|\n){2}", raw, maxsplit=1)[0]
    return [line.partition(b":")[0].lower() for line in re.split(rb"\r\n|\r|\n", block) if line[:1].strip()]


@pytest.mark.timeout(180)
def test_no_name_in_a_roster_and_no_title_makes_a_header_line(office, tmp_path, smtp_sink):
    breaks = [held for held in BREAKS if held not in {"\ud800", "\x00", "\u0000\n"}]  # a CSV cannot hold these at all
    payloads = [f"Ann{line_break}{injected}" for line_break, injected in product(breaks, INJECTED)]
    rows = [
        row(number, **{f"c{column}": f"{column}{payload}" for column in NAMED})
        for number, payload in enumerate(payloads, start=1)
    ]
    for number, payload in enumerate(payloads[::9]):
        done = office.process("item", "add", "--title", payload, "--body", payload, "--date", "2026-11-27")
        assert done.returncode in {0, 2}, (number, done.stderr)  # taken, or refused in one line
    office.run("roster", "import", sheet(tmp_path, rows))

    published = office.run("publish", "--date", "2026-11-27")
    office.run("deliver")

    assert len(rows) * len(NAMED) >= 500
    assert published["planned"] + len(published["skipped"]) >= 0.9 * len(rows)
    assert len(smtp_sink.messages) == published["planned"] > 0
    for held in smtp_sink.messages:
        names = lines_of(held.content)
        assert set(names) <= MEANT
        assert len(names) == len(set(names))
        assert held.recipients[0].endswith("@example.org")
        read = message_from_bytes(held.content, policy=policy.default)
        assert [one.addr_spec for one in read["To"].addresses] == list(held.recipients)
        assert faults(held.content) == []


def test_domains_are_written_for_the_wire_and_an_address_no_server_takes_is_one_familys_matter(
    office, tmp_path, smtp_sink
):
    addresses = {1: "anna@schüle.example", 2: "josé@example.org", 3: "李@例子.example", 4: "plain@example.org"}
    office.run("roster", "import", sheet(tmp_path, [row(n, c9=address) for n, address in addresses.items()]))

    published = office.run("publish", "--date", "2026-11-27")
    said = office.process("publish", "--date", "2026-11-27").stdout
    assert office.run("deliver")["sent"] == 2

    assert sorted(held.recipients[0] for held in smtp_sink.messages) == [
        "anna@xn--schle-mva.example", "plain@example.org",
    ]  # fmt: skip
    assert sorted((held["guardian"], held["reason"]) for held in published["skipped"]) == [
        ("g2", "address-unusable"),
        ("g3", "address-unusable"),
    ]
    for guardian in ("g2", "g3"):
        (line,) = (line for line in said.splitlines() if f"no letter for {guardian}:" in line)
        assert "the part before the @ has letters outside ASCII" in line
    shown = office.run("sending", "show", "issue:2026-11-27")
    assert (shown["audience"], shown["reasons"]["skipped"]) == (4, {"address-unusable": 2})


def test_a_bounce_of_such_an_address_is_on_its_family_and_opened_by_the_name_the_office_knows(
    office, tmp_path, smtp_sink
):
    office.run("roster", "import", sheet(tmp_path, [row(1, c9="anna@schüle.example"), row(2)]))
    smtp_sink.refuse["anna@xn--schle-mva.example"] = "550 5.1.1 no such user"
    office.run("publish", "--date", "2026-11-27")
    assert office.run("deliver")["failed"] == 1

    (trouble,) = office.run("families", "bounced")
    assert (trouble["guardians"], trouble["suppressed"]) == (["g1"], True)
    office.run("item", "add", "--title", "Hats", "--body", "Lost.", "--date", "2026-12-04")
    assert [held["guardian"] for held in office.run("publish", "--date", "2026-12-04")["skipped"]] == ["g1"]

    assert office.run("families", "reactivate", "anna@schüle.example")["reactivated"]
    assert office.run("publish", "--date", "2026-12-04")["planned"] == 1
