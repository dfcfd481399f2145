"""A canary: the letters of an issue mailed to the office first, the way families' letters go.

A proof book shows what stands in a letter; only a mailbox shows whether it arrives and how it looks there.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from mailer.compose import Draft
from mailer.postmark import letter
from office.proof import Proof, stand_in_links
from office.wiring import House
from school.issue import Edition
from school.letter import Letter, LetterKind
from school.people import Guardian
from school.reply_address import TokenKind

OFFICE = "office"


def send_canaries(house: House, proof: Proof, content: str, now: datetime) -> int:
    """How many letters are newly planned: one in each language, the letter most families of it get.

    The same content is sent once. Addresses in it lead nowhere, so nobody can answer for a family.
    """
    run = f"proof:{proof.issue.id}:{content[:12]}"
    letters = [(made, None) for made in _letters(house, proof, run, now)]
    return house.outbox.plan(run, LetterKind.NOTICE, now, letters, (), now).planned


def _letters(house: House, proof: Proof, run: str, now: datetime) -> Iterator[Letter]:
    by_language: dict[str, Edition] = {}
    for group in proof.groups:  # the most frequent first
        by_language.setdefault(group.rendered.language, group.example)
    for number, edition in enumerate(by_language.values()):
        yield _letter(house, edition, run, number, now)


def _letter(house: House, edition: Edition, run: str, number: int, now: datetime) -> Letter:
    postmark, public_id = house.postmark, house.postmark.new_public_id()
    reader = Guardian(id=OFFICE, given_name=house.settings.school.name, family_name="", address=house.office_address)
    links = stand_in_links(edition, house.press)
    rendered = house.press.newsletter(replace(edition, guardian=reader), links)
    draft = Draft(
        kind=LetterKind.NOTICE,
        from_name=postmark.school_name,
        from_address=postmark.from_addresses[LetterKind.NEWSLETTER],
        to_name="",
        to_address=house.office_address,
        reply_to=house.office_address,
        subject=rendered.subject,
        date=now,
        message_id=postmark.message_id(TokenKind.DISPATCH, public_id),
        text=rendered.text,
        html=rendered.html,
        language=rendered.language,
        enclosures=rendered.attachments,
        boundary_seed=str(public_id),
    )
    return letter(
        run=run,
        kind=LetterKind.NOTICE,
        recipient_id=OFFICE,
        seq=number,
        draft=draft,
        raw=postmark.finish(draft, now),
        envelope_from=postmark.return_path(public_id),
        now=now,
    )
