"""By which marks a mail will most likely be trimmed, before anybody has matched it, so that it can be trimmed ahead.

A guess costs nothing but time: whoever reads the mail trims by the right marks, and takes these only if they are.
"""

from inbox.carriers import Carrier
from inbox.match import Directory, Lead
from inbox.new_words import our_marks
from inbox.parse import ParsedMail
from inbox.reading import Arrived, Reading
from inbox.trim import OurMarks
from school.reply_address import Token, TokenKind, token_in_address

LETTERS = frozenset({TokenKind.DISPATCH, TokenKind.SECTION})
STAFF = frozenset({TokenKind.STAFF, TokenKind.COMMAND})


def expected_marks(mail: ParsedMail, arrived: Arrived, reading: Reading, directory: Directory) -> OurMarks | None:
    """Those of the letter whose address comes first; None for a teacher's mail, whose digest is not looked up yet."""
    token = _first_token(mail, arrived, reading)
    if token is not None and token.kind in STAFF:
        return None
    letter = directory.dispatch(token.public_id) if token is not None and token.kind in LETTERS else None
    if token is None or letter is None:
        return our_marks((), reading)
    lead = Lead(carrier=Carrier(token=token, place=""), guardian_id=letter.recipient_id, dispatch=letter)
    return our_marks((lead,), reading)


def _first_token(mail: ParsedMail, arrived: Arrived, reading: Reading) -> Token | None:
    addresses = dict.fromkeys((*arrived.envelope_to, *(recipient.address for recipient in mail.recipients)))
    tokens = (token_in_address(address, reading.shape, reading.keys) for address in addresses)
    return next((token for token in tokens if token is not None), None)
