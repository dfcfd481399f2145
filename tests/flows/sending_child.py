"""A sender, or a planner, as a process of its own: made to be killed."""

import sys
from datetime import timedelta
from pathlib import Path

from mailer.deliver import DeliveryPolicy, SenderLock, deliver_due
from mailer.smtp import SmtpSettings, SmtpTransport
from school.letter import LetterKind
from storage.database import Database
from storage.outbox import Outbox
from tests.storage.outbox_letters import NOON, RUN, dispatch, letter, message


def deliver(folder: Path, owner: str, port: str, connections: str, hours: str) -> None:
    """Send all that is due; the clock stands at *hours* after planning."""
    settings = SmtpSettings(host="127.0.0.1", port=int(port), security="none", hello="school.test")
    with SenderLock(folder / "sender.lock"):
        outbox = Outbox(Database(f"sqlite:{folder}/outbox.db"))
        outbox.recover(owner)
        policy = DeliveryPolicy(owner=owner, connections=int(connections))
        deliver_due(outbox, lambda: SmtpTransport(settings), policy, lambda: NOON + timedelta(hours=int(hours)))


def work(url: str, owner: str, port: str, connections: str) -> None:
    """One of several workers on PostgreSQL."""
    settings = SmtpSettings(host="127.0.0.1", port=int(port), security="none", hello="school.test")
    policy = DeliveryPolicy(owner=owner, connections=int(connections))
    deliver_due(Outbox(Database(url)), lambda: SmtpTransport(settings), policy, lambda: NOON)


def plan(folder: Path, count: str) -> None:
    """Plan a run; says when rendering begins and when it ends."""

    def letters():
        print("rendering", flush=True)
        for number in range(1, int(count) + 1):
            one = letter(number, raw=message(number, 4000))
            yield one, dispatch(number, one)
        print("rendered", flush=True)

    Outbox(Database(f"sqlite:{folder}/outbox.db")).plan(RUN, LetterKind.NEWSLETTER, NOON, letters(), (), NOON)


if __name__ == "__main__":
    deed, place, *rest = sys.argv[1:]
    if deed == "work":
        work(place, *rest)
    else:
        {"deliver": deliver, "plan": plan}[deed](Path(place), *rest)
