"""A button under a mail: it opens a mail of the reader's own, ready to be sent."""

from dataclasses import dataclass

from mailer.phrases import Phrases
from mailer.render.mailto import mailto
from mailer.render.pages import Choice
from mailer.signs import one_line


@dataclass(frozen=True, slots=True)
class ButtonView:
    label: str
    href: str
    address: str
    tag: str
    quiet: bool  #: the way out, shown smaller: the office, "no"


def rhythm(choice: Choice, phrases: Phrases) -> ButtonView:
    label = {
        "daily": phrases("once a day"),
        "twice": phrases("twice a day"),
        "weekly": phrases("once a week"),
    }.get(choice.name, one_line(choice.name))
    subject = phrases("My digest: %(how)s", how=label)
    plain = phrases.plain(subject)
    return ButtonView(
        label=label,
        href=mailto(choice.address, plain, plain, choice.tag),
        address=choice.address,
        tag=choice.tag,
        quiet=True,
    )


def answering(subject: str) -> str:
    """As in "Re: …", once, however often the mail went to and fro."""
    rest = one_line(subject)
    while rest[:3].lower() == "re:":
        rest = rest[3:].strip()
    return f"Re: {rest}".strip()
