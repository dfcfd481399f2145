"""A log line is one line, of ids; nobody's words get into it, not even by an error."""

import logging
import threading

import pytest

from office import logs

SECRET = "eva@example.org wrote: Anna is ill"


@pytest.fixture
def lines(capsys, monkeypatch):
    """What goes to standard error."""

    def said() -> list[str]:
        return capsys.readouterr().err.splitlines()

    root = logging.getLogger()
    before = (root.handlers[:], [(name, logging.getLogger(name).level) for name in logs.OURS])
    monkeypatch.setattr("sys.excepthook", None)
    monkeypatch.setattr("threading.excepthook", threading.excepthook)
    yield said
    root.handlers[:] = before[0]
    for name, level in before[1]:
        logging.getLogger(name).setLevel(level)


def test_a_line_holds_the_event_and_what_is_known(lines):
    logs.set_up(verbose=True)

    logs.log("letter.sent", issue=12, family=None, ms=3.5)

    (line,) = lines()
    assert line.endswith(" INFO letter.sent issue=12 ms=3.5")


def test_an_errors_own_words_stay_out_but_its_place_does_not(lines):
    logs.set_up(verbose=False)
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("mailer.connection").exception("delivery.connection_failed")

    (line,) = lines()
    assert line.partition("ERROR ")[2].startswith("delivery.connection_failed error=ValueError at office/test_logs.py:")


def test_a_librarys_words_stay_out(lines):
    logs.set_up(verbose=True)

    logging.getLogger("imapclient").info("%s", SECRET)
    logging.getLogger("asyncio").warning("%s\n%s", SECRET, SECRET)

    (line,) = lines()
    assert "library.warned name=asyncio at=office/test_logs.py:" in line
    assert SECRET not in line


def test_a_command_logs_only_what_somebody_must_act_on_and_a_service_everything(lines):
    logs.set_up(verbose=False)
    logs.log("quiet")
    logs.log("quiet", level="warning")
    logs.as_service()
    logs.log("said")

    (line,) = lines()
    assert line.endswith("INFO said")


def test_an_error_nobody_caught_is_one_line_in_any_thread(lines):
    def fail():
        raise KeyError(SECRET)

    logs.set_up(verbose=False)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    (line,) = lines()
    assert "program.failed error=KeyError at office/test_logs.py:" in line
    assert SECRET not in line


def test_setting_up_twice_says_each_line_once(lines):
    logs.set_up(verbose=True)
    logs.set_up(verbose=True)

    logs.log("once")

    assert len(lines()) == 1
