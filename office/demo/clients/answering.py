"""A person answers a letter of ours with a mail program: with Reply, or with a section's own button."""

import hashlib
from dataclasses import replace
from datetime import datetime

from office.demo.clients import apple, gmail, mutt, outlook, proton, samsung, tencent, thunderbird, yahoo
from office.demo.clients.original import answer_buttons, buttons, read_original, section_button
from office.demo.clients.writing import Answer, Client, File

#: Every mail program we know how to imitate.
CLIENTS: dict[str, Client] = {
    client.name: client
    for module in (gmail, outlook, apple, yahoo, thunderbird, samsung, tencent, proton, mutt)
    for client in module.CLIENTS
}


def reply(
    letter: bytes,
    client: str,
    words: str,
    author: tuple[str, str],
    at: datetime,
    *,
    to: str | None = None,
    via_section_of: str | None = None,
    subject: str | None = None,
    files: tuple[File, ...] = (),
) -> bytes:
    """The mail that *client* sends when *author* (name, address) answers *letter* with *words* at *at*.

    It goes to the letter's Reply-To (else its From), or to *to*. *via_section_of* names a child: the author presses
    that child's button instead, which begins a new mail that quotes nothing. Equal arguments give equal bytes.
    """
    original = read_original(letter)
    answer = Answer(
        words=words,
        author=author,
        at=at,
        to=to or original.reply_to or original.from_address,
        original=original,
        subject=subject or "",
        luck=_luck(letter, client, words, author, at),
        files=files,
    )
    if via_section_of:
        button = section_button(letter, via_section_of)
        answer = replace(answer, to=to or button.address, original=None, subject=subject or button.subject)
    return CLIENTS[client].write(answer)


def teacher_reply(
    digest: bytes, item: int | str, words: str, *, client: str, author: tuple[str, str], at: datetime
) -> bytes:
    """A teacher answers one conversation of a digest.

    *item* is its address (a staff address found in the digest), or its number: the digest's *item*-th button, from 1.
    """
    button = next((button for button in buttons(digest) if button.address == item), None)
    if isinstance(item, int):
        button = answer_buttons(digest)[item - 1]
    answer = Answer(
        words=words,
        author=author,
        at=at,
        to=button.address if button else str(item),
        original=None,
        subject=button.subject if button else "",
        luck=_luck(digest, client, words, author, at),
    )
    return CLIENTS[client].write(answer)


def write_new(words: str, *, client: str, author: tuple[str, str], at: datetime, to: str, subject: str) -> bytes:
    """A mail that answers nothing: a parent who writes by herself."""
    luck = _luck(subject.encode(), client, words, author, at)
    answer = Answer(words=words, author=author, at=at, to=to, original=None, subject=subject, luck=luck)
    return CLIENTS[client].write(answer)


def _luck(letter: bytes, client: str, words: str, author: tuple[str, str], at: datetime) -> str:
    """One digest of everything an answer is made of."""
    seed = hashlib.sha256(letter)
    seed.update(repr((client, words, author, at.isoformat())).encode())
    return seed.hexdigest()
