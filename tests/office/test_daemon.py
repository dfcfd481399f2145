"""The daemon's parts without a process: loops that never stop one another, troubles told once, who leads."""

import os
import signal
import time
from datetime import UTC, datetime

import msgspec
import pytest

from mailer.sender_lock import SenderBusy
from office.config import load
from office.daemon import STOP_SIGNALS, Daemon, shifted_clock, told_to_stop
from office.example_config import example
from office.jobs.setup import migrate
from office.leadership import Leadership, only_service
from office.troubles import Troubles
from office.wiring import House
from storage.outbox import Outbox
from tests.faultpeer.smtp import FaultPeer
from tests.storage.outbox_letters import NOON, letter, message, plan

PATIENCE = 30


def house_with(tmp_path, url: str = "", **settings: str) -> House:
    config = tmp_path / "config.toml"
    config.write_text(example(), "utf-8")
    given = {"REPLIES_KEYS": f"0:{'0' * 64}", "SMTP_HOST": "127.0.0.1", "SMTP_SECURITY": "none", **settings}
    if url:
        given["DATABASE_URL"] = url
    house = House(load(config, {f"FRIDAYFOLDER_{name}": value for name, value in given.items()}), tmp_path)
    migrate(house.settings.database.url, tmp_path)
    return house


def until(true) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def logged(caplog, event: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.getMessage().startswith(event)]


def test_a_trouble_is_told_once_and_its_end_once(caplog):
    caplog.set_level("INFO", "fridayfolder")
    troubles = Troubles()
    for words in ("away", "away", "away", "refused"):
        troubles.met("mail-server", words)
    rested = troubles.rest("mail-server")
    for _ in range(2):
        troubles.over("mail-server")
    troubles.over("never-met")

    assert [line.rpartition("words=")[2] for line in logged(caplog, "service.trouble")] == ["'away'", "'refused'"]
    assert logged(caplog, "service.recovered") == ["service.recovered of=mail-server failures=4"]
    assert 8 < rested <= 16  # 2, 4, 8, 16 seconds
    assert troubles.rest("mail-server") == 0


def test_a_rest_grows_to_a_minute_and_no_further():
    troubles = Troubles()
    for _ in range(50):
        troubles.met("x", "same")

    assert 59 < troubles.rest("x") <= 60


def test_a_fault_in_one_loop_leaves_the_others_alone(tmp_path, caplog):
    caplog.set_level("INFO", "fridayfolder")
    house = house_with(tmp_path, DOOR_PORT="0", SMTP_PORT="1")
    # A table somebody took away: planning cannot work, sending can.
    house.database.engine.execute_sql("DROP TABLE term")
    plan(Outbox(house.database), letter(1, raw=message(1)))
    with FaultPeer() as peer:
        house = house_with_port(house, peer.port)
        daemon = Daemon(house, lambda: NOON)
        daemon.start()
        until(lambda: peer.taken and logged(caplog, "service.trouble"))
        assert daemon.finish()

    (line,) = logged(caplog, "service.trouble of=publishing")
    assert "OperationalError at " in line
    assert not logged(caplog, "service.trouble of=sending")
    house.database.close()


def house_with_port(house: House, port: int) -> House:
    smtp = msgspec.structs.replace(house.settings.smtp, port=port)
    house.database.close()
    return House(msgspec.structs.replace(house.settings, smtp=smtp), house.folder)


def test_a_server_that_falls_silent_cannot_hold_up_a_stop_for_ever(tmp_path, caplog):
    house = house_with(tmp_path)
    plan(Outbox(house.database), letter(1, raw=message(1)))
    with FaultPeer() as peer:
        peer.step, peer.fault = "dot", "silence"
        house = house_with_port(house, peer.port)
        daemon = Daemon(house, lambda: NOON, only_sending=True, stop_seconds=0.5)
        daemon.start()
        until(lambda: peer.taken)
        began = time.monotonic()
        clean = daemon.finish()
        took = time.monotonic() - began

    assert not clean
    assert took < 5
    assert logged(caplog, "service.left loop=sending")
    house.database.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_asks_and_the_second_one_ends(number):
    before = signal.getsignal(number)
    with told_to_stop() as signals:
        os.kill(os.getpid(), number)
        assert signals.get(timeout=5) == number
        assert {signal.getsignal(either) for either in STOP_SIGNALS} == {signal.SIG_DFL}

    assert signal.getsignal(number) == before


def test_one_service_a_file_and_the_lock_lies_beside_it(tmp_path):
    house = house_with(tmp_path, url=f"sqlite:{tmp_path}/data.db")
    other = House(house.settings, tmp_path / "elsewhere")

    with only_service(house), pytest.raises(SenderBusy, match=f"process {os.getpid()} "), only_service(other):
        pass
    with only_service(other):
        assert (tmp_path / "service.lock").exists()
    house.database.close()


def test_one_of_two_leads_and_the_other_follows_when_it_leaves(tmp_path, postgres_url):
    house = house_with(tmp_path, url=postgres_url)
    one, two = Leadership(house, "one"), Leadership(house, "two")
    for held in (one, two, one):
        held.renew()
    leads = (one.mine, two.mine)

    one.give_back()
    two.renew()

    assert leads == (True, False)
    assert (one.mine, two.mine) == (False, True)
    house.database.close()


def test_on_sqlite_whoever_runs_leads(tmp_path):
    house = house_with(tmp_path)

    assert Leadership(house, "one").mine
    house.database.close()


def test_the_clock_of_a_rehearsal_goes_on():
    clock = shifted_clock(datetime(2026, 11, 27, 15, tzinfo=UTC))
    first = clock()
    until(lambda: clock() > first)

    assert (clock() - first).total_seconds() < PATIENCE
