"""The child that opens mails, with a parser that does to its process what the mail's X-Eat header says."""

import os
import signal
import sys
import time

from inbox.opener.child import main
from inbox.parse import ParsedMail, parse


def eat_processor() -> None:
    while True:
        pass


def eat_memory() -> None:
    held = []
    while True:
        held.append(bytearray(10_000_000))


def eat_itself() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def eat_time() -> None:
    time.sleep(3600)


MEALS = {
    b"processor": eat_processor,
    b"memory": eat_memory,
    b"itself": eat_itself,
    b"time": eat_time,
    b"sense": lambda: 1 / 0,
    b"words": lambda: print("this goes nowhere", file=sys.stdout),
}


def parse_hungrily(raw: bytes) -> ParsedMail:
    for name, eat in MEALS.items():
        if b"X-Eat: " + name in raw:
            eat()
    return parse(raw)


if __name__ == "__main__":
    main(parse_mail=parse_hungrily)
