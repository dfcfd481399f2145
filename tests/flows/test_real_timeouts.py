"""A server that falls silent is left at the very times RFC 5321 §4.5.3.2 names. Takes ten minutes, so nightly."""

import contextlib
import subprocess
import sys
import time

import pytest

from storage.database import Database
from storage.outbox import Outbox
from tests.faultpeer.smtp import FaultPeer
from tests.storage.outbox_letters import RUN, letter, message, plan

LIMITS = {"banner": 300, "ehlo": 300, "mail": 300, "rcpt": 300, "data": 120, "dot": 600}


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_each_step_is_left_at_its_own_time(tmp_path):
    with contextlib.ExitStack() as open_peers:
        running, ended = {}, {}
        for step in LIMITS:
            folder = tmp_path / step
            folder.mkdir()
            database = Database(f"sqlite:{folder}/outbox.db")
            database.migrate()
            plan(Outbox(database), letter(1, raw=message(1)))
            database.close()
            peer = open_peers.enter_context(FaultPeer())
            peer.step, peer.fault = step, "silence"
            words = [sys.executable, "-m", "tests.flows.sending_child", "deliver", folder, "boot", peer.port, 1, 0]
            running[step] = (subprocess.Popen([*map(str, words)]), time.monotonic())
        while len(ended) < len(LIMITS):
            for step, (process, began) in running.items():
                if step not in ended and process.poll() is not None:
                    ended[step] = time.monotonic() - began
            time.sleep(0.2)

    for step, limit in LIMITS.items():
        assert limit <= ended[step] <= limit * 1.1, step
        states = Outbox(Database(f"sqlite:{tmp_path}/{step}/outbox.db")).ledger(RUN)
        assert states in ({"ready": 1}, {"deferred": 1})
