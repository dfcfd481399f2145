"""How the world's mail programs answer a letter of ours: pure functions, for the demo and for tests.

`reply(letter, client, words, author, at)` is a parent's answer; `CLIENTS` lists the programs, each with a sentence on
how it does it; `office.demo.machines` writes vacation notices, bounces, receipts and calendar answers.
"""

from office.demo.clients.answering import CLIENTS, reply, teacher_reply, write_new
from office.demo.clients.original import mailto_addresses
from office.demo.clients.writing import Client, File

__all__ = ["CLIENTS", "Client", "File", "mailto_addresses", "reply", "teacher_reply", "write_new"]
