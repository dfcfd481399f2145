"""Every connection that was made is left with a goodbye, whatever it was doing when the pass ended."""

import gc
import threading
import time
import warnings

import pytest

from mailer.connection import Switchboard
from mailer.smtp import SmtpSettings, SmtpTransport
from tests.faultpeer.smtp import FaultPeer
from tests.mailer.delivery import PATIENT, open_office


class PoliteCounter(FaultPeer):
    """Counts who said QUIT."""

    def __init__(self) -> None:
        super().__init__()
        self.goodbyes = 0

    def left(self, connection: int) -> None:
        self.goodbyes += 1


class GatedTransport(SmtpTransport):
    """Connected, and kept from saying so until the gate opens."""

    def __init__(self, settings: SmtpSettings, gate: threading.Event, arrived: threading.Event) -> None:
        super().__init__(settings)
        self.gate, self.arrived = gate, arrived

    def connect(self) -> None:
        super().connect()
        self.arrived.set()
        self.gate.wait(30)


@pytest.fixture
def peer():
    with PoliteCounter() as peer:
        yield peer


def settings(peer: FaultPeer) -> SmtpSettings:
    return SmtpSettings(host="localhost", port=peer.port, security="none", hello="school.test", timeouts=PATIENT)


def helpers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "smtp-connection"]


def all_helpers_end() -> None:
    for helper in helpers():
        helper.join(30)


def test_a_connection_nobody_heard_of_yet_is_left(peer):
    board = Switchboard([lambda: SmtpTransport(settings(peer))] * 3, letters_per_connection=20)
    all_helpers_end()  # all three are ready, and nobody listened

    board.close(30)

    all_helpers_end()
    assert (peer.connections, peer.goodbyes) == (3, 3)


def test_a_connection_still_being_made_leaves_by_itself(peer):
    gate, arrived = threading.Event(), threading.Event()
    board = Switchboard([lambda: GatedTransport(settings(peer), gate, arrived)], letters_per_connection=20)
    assert arrived.wait(30)
    started = time.monotonic()

    board.close(30)
    assert time.monotonic() - started < 10  # it is not waited for
    gate.set()

    all_helpers_end()
    assert peer.goodbyes == 1


def test_short_passes_leave_no_socket_open(tmp_path):
    with open_office(tmp_path) as office, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        for number in range(20):
            office.plan(1, run=f"issue:{number}")
            assert office.deliver(connections=2, letters_per_connection=1).sent == 1
        all_helpers_end()
        gc.collect()

    assert [one for one in told if "socket" in str(one.message)] == []
