"""A backup made in the middle of a run is whole; once restored it sends nothing until a person has looked."""

import contextlib
import sqlite3
import stat
import time

import pytest
from aiosmtpd.controller import Controller

from tests.flows.driver import new_office
from tests.flows.running import copy_of, count, prepared_big, prepared_small, service
from tests.flows.test_run import SlowSink
from tests.peers.loopback import free_port

__all__ = ["prepared_big", "prepared_small"]
RUN = "issue:2026-11-27"
NOW = "2026-11-27T15:15:00+00:00"
BEFORE_THE_ISSUE = "2026-11-27T15:09:58+00:00"


@pytest.fixture
def slow_sink():
    sink = SlowSink(port=free_port())
    controller = Controller(sink, hostname=sink.host, port=sink.port)
    controller.start()
    yield sink
    controller.stop()


@pytest.fixture
def office(tmp_path, prepared_small, smtp_sink):
    return copy_of(prepared_small, tmp_path / "school", SMTP_PORT=str(smtp_sink.port))


def test_a_backup_under_load_is_whole_and_a_restored_one_sends_nothing_until_it_is_confirmed(
    tmp_path, prepared_big, slow_sink
):
    office = copy_of(prepared_big, tmp_path / "school", SMTP_PORT=str(slow_sink.port))
    planned = office.run("publish")["planned"]
    with service(office, "deliver", "--json", now=NOW) as sending:
        sending.until(lambda: len(slow_sink.messages) >= 10, "ten letters")
        made = office.run("backup", str(tmp_path / "friday.db"))
        assert sending.process.wait(60) == 0
    assert made["bytes"] > 0
    assert stat.S_IMODE((tmp_path / "friday.db").stat().st_mode) == 0o600
    sent_to = {held.recipients[0] for held in slow_sink.messages}
    assert len(sent_to) == len(slow_sink.messages) == planned

    restored = office.run("restore", str(tmp_path / "friday.db"))
    waiting = count(office, "letter where state <> 'sent'")
    assert waiting > 0  # it is older than the world
    with service(office, "deliver", "--json", now="2026-11-27T16:00:00+00:00") as refused:
        assert refused.process.wait(30) == 1
        assert "nothing is sent from this database: it was restored from the backup of" in refused.log
    assert len(slow_sink.messages) == planned
    assert sqlite3.connect(restored["before"]).execute("select count(*) from letter").fetchone() == (planned,)

    assert office.run("sending", "cancel", RUN)["cancelled"] + count(office, "letter where state = 'claimed'") >= 1
    assert office.run("sending", "confirm")["confirmed"]
    office.process("deliver", now="2026-11-27T16:00:00+00:00")
    again = slow_sink.messages[planned:]
    assert len(again) <= 4  # the letters that were in a server's hands when the backup was made


def test_a_backup_copied_into_place_by_hand_is_held_as_well(office, tmp_path, smtp_sink):
    office.run("publish")
    office.run("backup", str(tmp_path / "copy.db"))
    for old in office.folder.glob("fridayfolder.db*"):
        old.unlink()
    (office.folder / "fridayfolder.db").write_bytes((tmp_path / "copy.db").read_bytes())

    with service(office, now=BEFORE_THE_ISSUE) as running:
        running.until(lambda: running.says("nothing is sent from this database"), "it says why")
        running.until(lambda: count(office, "slot where name = 'newsletter'") == 1, "the other loops go on")
        assert running.log.count("nothing is sent from this database") == 1
        running.stop()
    assert smtp_sink.messages == []
    found = office.process("doctor")
    assert "nothing is sent: it was restored from the backup of 2026-11-27 15:15" in found.stdout

    assert office.run("sending", "confirm") == {"confirmed": True, "waiting": 3}
    assert office.run("deliver")["sent"] == 3
    assert office.run("sending", "confirm")["confirmed"] is False


def test_the_original_of_a_backup_goes_on_sending(office, tmp_path):
    office.run("publish")
    office.run("backup", str(tmp_path / "copy.db"))

    assert office.run("deliver")["sent"] == 3


def test_holding_everything_stops_a_run_within_two_seconds_and_the_rest_goes_after_it(
    tmp_path, prepared_big, slow_sink
):
    office = copy_of(prepared_big, tmp_path / "school", SMTP_PORT=str(slow_sink.port))
    planned = office.run("publish")["planned"]
    with service(office, "deliver", "--json", now=NOW) as sending:
        sending.until(lambda: len(slow_sink.messages) >= 10, "ten letters")
        office.run("sending", "hold")
        held = time.monotonic()
        sending.process.wait(30)
        assert time.monotonic() - held <= 2 + 1  # and an interpreter's goodbye
    before = len(slow_sink.messages)
    assert before < planned
    assert "held it on 2026-11-27" in office.process("deliver").stderr

    office.run("sending", "confirm")
    assert office.run("deliver")["sent"] == planned - before
    assert len({held.recipients[0] for held in slow_sink.messages}) == planned


def test_restoring_where_nothing_or_a_damaged_file_stands(tmp_path, office):
    office.run("backup", str(tmp_path / "copy.db"))
    fresh = new_office(tmp_path / "fresh", in_process=True, **office.settings)
    database = fresh.folder / "fridayfolder.db"
    database.write_bytes(b"SQLite format 3\0" + b"\xff" * 9000)

    damaged = fresh.run("restore", str(tmp_path / "copy.db"))
    for old in fresh.folder.glob("fridayfolder.db*"):
        old.unlink()
    missing = fresh.run("restore", str(tmp_path / "copy.db"))

    assert damaged["before"]
    assert missing["before"] is None
    assert len(fresh.run("roster", "show")["guardians"]) == 3


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [("x.txt", b"hello", "no database of Friday Folder"), ("empty.db", b"", "no database of Friday Folder")],
)
def test_what_is_no_backup_is_refused_in_one_line_and_changes_nothing(office, tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)

    error = office.run("restore", str(tmp_path / name), expect=2)["error"]

    assert told in error
    assert count(office, "guardian") == 3


def test_a_damaged_backup_is_refused(office, tmp_path):
    office.run("backup", str(tmp_path / "copy.db"))
    raw = bytearray((tmp_path / "copy.db").read_bytes())
    raw[8192 : len(raw) // 2] = b"\xff" * (len(raw) // 2 - 8192)
    (tmp_path / "copy.db").write_bytes(raw)

    assert "damaged" in office.run("restore", str(tmp_path / "copy.db"), expect=2)["error"]
    assert count(office, "guardian") == 3


def test_nothing_is_overwritten_and_no_running_service_loses_its_database(office, tmp_path):
    office.run("backup", str(tmp_path / "copy.db"))
    assert "is there already" in office.run("backup", str(tmp_path / "copy.db"), expect=2)["error"]

    with service(office, now="2026-11-27T15:20:00+00:00") as running:
        running.until(lambda: running.says("service.started"))
        error = office.run("restore", str(tmp_path / "copy.db"), expect=1)["error"]

    assert f"already being sent by process {running.process.pid}" in error


@pytest.mark.nightly
def test_twenty_backups_under_load_all_restore(tmp_path, prepared_big, slow_sink):
    office = copy_of(prepared_big, tmp_path / "school", SMTP_PORT=str(slow_sink.port))
    planned = office.run("publish")["planned"]
    with service(office, "deliver", "--json", now=NOW) as sending:
        for number in range(20):
            office.run("backup", str(tmp_path / f"{number}.db"))
        assert sending.process.wait(60) == 0
    for number in range(20):
        office.run("restore", str(tmp_path / f"{number}.db"), now=f"2026-11-27T17:{number:02}:00+00:00")
        assert count(office, "letter") == planned
        assert "nothing is sent" in office.process("deliver").stderr
        with contextlib.closing(sqlite3.connect(office.folder / "fridayfolder.db")) as database:
            assert database.execute("pragma integrity_check").fetchone() == ("ok",)
