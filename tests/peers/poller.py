"""A poller in a process of its own: fetches until nothing is left, or is killed at random and started again.

`python -m tests.peers.poller URL HOST PORT USER` fetches once. With KILLS as a fifth argument it appends mails to the
mailbox, starts a child that fetches them, kills it with SIGKILL after a random moment, and so on; then one clean pass.
It forks, so that a start costs milliseconds: it must stay free of threads.
"""

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime

from imapclient import IMAPClient

from inbox import arrival
from inbox.mailbox import Mailbox, MailboxSettings
from storage.database import Database
from storage.spool import SpoolStore

MAILS_A_KILL = 20
LONGEST_LIFE = 0.12  # seconds: about what a whole pass takes


def poll(url: str, host: str, port: int, user: str) -> None:
    database = Database(url)
    settings = MailboxSettings(host=host, port=port, user=user, password="pw", tls="none")
    mailbox = Mailbox(settings, SpoolStore(database), random=random.random)
    mailbox.fetch_new(datetime.now(UTC))
    mailbox.close()
    database.close()


def kill_loop(url: str, host: str, port: int, user: str, kills: int) -> None:
    arrival.BATCH_MAILS = 3  # many commits, many moments to die at
    moments = random.Random(kills)
    for number in range(kills):
        append(host, port, user, range(number * MAILS_A_KILL, (number + 1) * MAILS_A_KILL))
        child = os.fork()
        if child == 0:
            poll(url, host, port, user)
            os._exit(0)
        time.sleep(moments.uniform(0, LONGEST_LIFE))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    poll(url, host, port, user)


def append(host: str, port: int, user: str, numbers: range) -> None:
    with IMAPClient(host, port=port, ssl=False, timeout=20) as client:
        client.login(user, "pw")
        for number in numbers:
            client.append("INBOX", f"Subject: mail {number}\r\n\r\nnumber {number}\r\n".encode())


if __name__ == "__main__":
    url, host, port, user, *kills = sys.argv[1:]
    if kills:
        kill_loop(url, host, int(port), user, int(kills[0]))
    else:
        poll(url, host, int(port), user)
