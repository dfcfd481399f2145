"""Letters prepared per second, from the roster to signed bytes, against the plain recipe on the same families.

The plain recipe is what most programs do: fill the MJML with Jinja for each family, compile it with `mjml2html`, put it
into an `EmailMessage`, sign it with dkimpy. Both use our own templates and items, one RSA-2048 key, and one core.
`prepare.compose` is the last part alone: MIME and signature of letters that are rendered already.
"""

# ruff: noqa: SLF001 - the plain recipe takes our templates and drafts apart on purpose

import dataclasses
import itertools
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

import dkim
import jinja2
import mjml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.schools import FRIDAY, ISSUE, NOW, fill, new_house
from mailer.compose import Draft, compose
from mailer.edition import ItemShelf
from mailer.phrases import Phrases
from mailer.publish import Publisher
from mailer.render import Rendered, forms
from mailer.render.newsletter import Newsdesk
from mailer.render.press import template_folder
from mailer.sign import DkimSigner
from office.wiring import House
from school.audience import Addressee
from school.issue import Edition

FAMILIES = 400
PLAIN_LETTERS = 60  # the plain recipe is slow, and its speed does not depend on how many there are
ROUNDS = 3


def measure() -> dict[str, dict[str, object]]:
    """The figures for the keys `prepare` and `prepare.compose`."""
    logging.getLogger("peewee").setLevel(logging.WARNING)
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    with tempfile.TemporaryDirectory() as folder:
        house = new_house(Path(folder))
        fill(house, FAMILIES)
        school = _School(house, key)
        rounds = [(school.ours(), school.plain()) for _ in range(ROUNDS)]
        parts = [(school.our_composing(), school.plain_composing()) for _ in range(ROUNDS)]
        house.database.close()
    return {
        "prepare": _row(rounds, "Jinja, mjml2html per family, EmailMessage, dkimpy"),
        "prepare.compose": _row(parts, "EmailMessage, dkimpy"),
    }


class _School:
    def __init__(self, house: House, key: bytes) -> None:
        self.house, self.key = house, key
        self.signer = DkimSigner("school.test", "ff", key)
        postmark = dataclasses.replace(house.postmark, signer=self.signer)
        self.publisher: Publisher = dataclasses.replace(house.publisher, postmark=postmark)
        self.shelf = ItemShelf.of(house.items.for_issue(FRIDAY))
        self.recipe = PlainRecipe(self.publisher, key)
        self.drafts: list[Draft] = [
            self._draft(edition) for edition in itertools.islice(self._editions(), PLAIN_LETTERS)
        ]

    def ours(self) -> float:
        """Roster → edition → rendered, composed, signed."""
        letters = self.publisher.letters(ISSUE, self.shelf, self._addressees(), [], NOW)
        return _rate(lambda: letters)

    def plain(self) -> float:
        return _rate(lambda: map(self.recipe.letter, itertools.islice(self._editions(), PLAIN_LETTERS)))

    def our_composing(self) -> float:
        return _rate(lambda: (self.signer.sign(compose(draft), NOW) for draft in self.drafts * 10))

    def plain_composing(self) -> float:
        return _rate(lambda: map(self.recipe.signed, self.drafts))

    def _addressees(self) -> Iterable[Addressee]:
        return self.house.people.addressees(FRIDAY)

    def _editions(self) -> Iterable[Edition]:
        found = (self.publisher.edition(ISSUE, self.shelf, addressee) for addressee in self._addressees())
        return (edition for edition in found if isinstance(edition, Edition))

    def _draft(self, edition: Edition) -> Draft:
        public_id = self.publisher.postmark.new_public_id()
        links = self.publisher.links(edition, public_id)
        rendered = self.publisher.press.newsletter(edition, links)
        return self.publisher._draft(edition, rendered, links, public_id, NOW)


class PlainRecipe:
    """The same letter the usual way."""

    def __init__(self, publisher: Publisher, key: bytes) -> None:
        self.publisher, self.key = publisher, key
        self.library = publisher.press._library
        self.newsdesk = Newsdesk(publisher.press.face, self.library)
        self.templates: dict[str, tuple[jinja2.Template, jinja2.Template]] = {}

    def letter(self, edition: Edition) -> bytes:
        press = self.publisher.press
        public_id = self.publisher.postmark.new_public_id()
        links = self.publisher.links(edition, public_id)
        phrases = self.library.phrases(edition.language)
        body, text = self._templates(phrases)
        view = self.newsdesk.view(edition, links, phrases)
        subject = f"News of {view.day}"
        values = {"letter": view, "school": press.face, "preheader": view.preheader, "subject": subject}
        rendered = Rendered(
            subject=subject,
            preheader=view.preheader,
            html=mjml.mjml2html(body.render(values), fonts={}),
            text=text.render(values),
            language=phrases.language,
            direction=phrases.direction,
        )
        return self.signed(self.publisher._draft(edition, rendered, links, public_id, NOW))

    def signed(self, draft: Draft) -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f'"{draft.from_name}" <{draft.from_address}>'
        mail["Reply-To"] = draft.reply_to
        mail["To"] = f'"{draft.to_name}" <{draft.to_address}>'
        mail["Subject"] = draft.subject
        mail["Date"] = format_datetime(draft.date)
        mail["Message-ID"] = f"<{draft.message_id}>"
        mail["References"] = " ".join(f"<{one}>" for one in draft.references)
        mail["List-Id"] = draft.list_id
        mail["List-Unsubscribe"] = f"<mailto:{draft.unsubscribe_mail}>"
        mail["Precedence"] = "list"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Feedback-ID"] = draft.feedback_id
        mail["Content-Language"] = draft.language
        mail.set_content(draft.text)
        mail.add_alternative(draft.html, subtype="html")
        raw = mail.as_bytes()
        return dkim.sign(raw, b"ff", b"school.test", self.key, canonicalize=(b"relaxed", b"relaxed")) + raw

    def _templates(self, phrases: Phrases) -> tuple[jinja2.Template, jinja2.Template]:
        """The MJML with its tags, and the text: parsed once per language here too."""
        if phrases.language not in self.templates:
            made = forms.draft("newsletter", (template_folder(),), phrases, self.publisher.press.face.colour)
            spoken = {"_": phrases, "_n": phrases.count}
            maker = forms.FormMaker()
            self.templates[phrases.language] = (
                maker._html.from_string(made.body.text, globals=spoken),
                maker._plain.from_string(made.text.text, globals=spoken),
            )
        return self.templates[phrases.language]


def _rate(letters: Callable[[], Iterable[object]]) -> float:
    """How many of them were made in a second."""
    start = time.perf_counter()
    count = sum(1 for _ in letters())
    return count / (time.perf_counter() - start)


def _row(rounds: list[tuple[float, float]], peer: str) -> dict[str, object]:
    value = statistics.median(ours for ours, _ in rounds)
    peer_value = statistics.median(plain for _, plain in rounds)
    return {
        "value": round(value, 1),
        "unit": "letters/s",
        "peer": peer,
        "peer_value": round(peer_value, 1),
        "ratio": round(value / peer_value, 2),
        "rounds": [[round(ours, 1), round(plain, 1)] for ours, plain in rounds],
    }
