"""Did the author's own domain sign this mail (DKIM, RFC 6376, 8301, 8463)? For schools whose server says nothing.

Stricter than a receiver's check: every doubt is a plain no, and nothing here ever speaks against a mail. The arithmetic
is cryptography's; the reading is ours, because dkimpy (which signs in the tests) asks the machine's clock, still takes
SHA-1, and reads header lines by rules of its own: what it verified might not be the From we believed.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from inbox.addresses import strict_mailboxes
from inbox.dkim_forms import FORMS, Field, Message, message_of, without_signature
from inbox.headers import text_of
from inbox.parse import ParsedMail

#: The TXT records at a name, each joined to one text; None when nobody could be asked.
KeyTexts = Callable[[str], list[str] | None]

MOST_SIGNATURES = 5  #: of the author's domain; real mail has one or two
RSA_BITS = range(1024, 8193)  # RFC 8301 §3.2; above, one mail costs more than it should
EARLY = timedelta(hours=1)  #: how far a sender's clock may be ahead
ALWAYS_SIGNED = {"from"}
#: Signed where they stand there: unsigned, an old mail could be sent again as a new one, about something else.
SIGNED_IF_THERE = {"subject", "date"}
#: RFC 5322 §3.6, RFC 2045 §3. Of two only the lower would be signed, and we read the upper (RFC 6376 §8.15).
ONCE = {
    *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-transfer-encoding"),
}
_HOST = re.compile(r"[a-z0-9_][a-z0-9_-]{0,62}(?:\.[a-z0-9_][a-z0-9_-]{0,62}){0,20}")
QUERY = "dns/txt"
KEY_TYPES = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}  # RFC 8301 §3.1: never SHA-1
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One DKIM-Signature field whose tags we believe."""

    field: Field
    domain: str
    selector: str
    identity: str  #: the domain of i=
    algorithm: str  #: rsa-sha256 or ed25519-sha256
    head_form: str
    body_form: str
    names: tuple[str, ...]  #: lower case, in the order of h=
    body_hash: bytes
    signature: bytes
    signed_at: int | None
    until: int | None

    @property
    def key_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    def covers(self, message: Message) -> bool:
        there = {field.name for field in message.fields}
        return ALWAYS_SIGNED | (SIGNED_IF_THERE & there) <= set(self.names)

    def holds_at(self, at: datetime) -> bool:
        """Was it made before the mail arrived, and not run out? (x= and t=, RFC 6376 §3.5)"""
        begins, ends = self.signed_at or 0, self.until
        early = begins > (at + EARLY).timestamp()
        return not early and (ends is None or (begins < ends and at.timestamp() <= ends))


def signed_by_author(mail: ParsedMail, at: datetime, keys: KeyTexts) -> bool:
    """Does one valid signature of exactly the author's domain, or of one above it, cover this mail as it came?

    *at*: when it arrived; a signature that ran out before counts no longer.
    """
    message = message_of(mail.raw)
    if mail.author is None or message is None or not _says_the_same(message, mail.author):
        return False
    domain = mail.author.rpartition("@")[2].lower()
    read = (read_signature(field) for field in message.fields if field.name == "dkim-signature")
    own = [held for held in read if held is not None and aligned(held.domain, domain)]
    return any(_is_valid(held, message, at, keys) for held in own[:MOST_SIGNATURES])


def aligned(signer: str, author: str) -> bool:
    """Does *signer* speak for addresses at *author*? The same domain, or one above it; never one below.

    Without a list of public suffixes only this direction is sound: who holds example.org decides about
    post.example.org too, but anybody may hold a name below co.uk or below a hosting company's domain.
    """
    return author == signer or ("." in signer and author.endswith(f".{signer}"))


def read_signature(field: Field) -> Signature | None:
    """The tags of one field (RFC 6376 §3.5); None for what is damaged, unknown, or leaves part of the body open."""
    tags = tag_list(field.value)
    if tags is None or tags.get("v") != "1" or "l" in tags:
        return None  # whatever follows the first l= octets is anybody's
    domain = tags.get("d", "").lower()
    head_form, _, body_form = tags.get("c", "simple").lower().partition("/")
    try:
        found = Signature(
            field=field,
            domain=domain,
            selector=tags["s"].lower(),
            identity=tags.get("i", f"@{domain}").lower().rpartition("@")[2],
            algorithm=tags["a"].lower(),
            head_form=head_form,
            body_form=body_form or "simple",
            names=tuple(name.strip().lower() for name in tags["h"].split(":")),
            body_hash=_unpacked(tags["bh"]),
            signature=_unpacked(tags["b"]),
            signed_at=_moment(tags.get("t")),
            until=_moment(tags.get("x")),
        )
    except (KeyError, ValueError):
        return None
    query = tags.get("q", QUERY).lower().replace(" ", "").split(":")
    return found if QUERY in query and _makes_sense(found) else None


def _makes_sense(found: Signature) -> bool:
    return (
        found.algorithm in KEY_TYPES
        and {found.head_form, found.body_form} <= FORMS.keys()
        and bool(_HOST.fullmatch(found.key_name))
        and (found.identity == found.domain or found.identity.endswith(f".{found.domain}"))
    )


def tag_list(value: bytes) -> dict[str, str] | None:
    """`name=value; …` (RFC 6376 §3.2), white space folded to one blank; None when a tag is damaged or stands twice."""
    tags: dict[str, str] = {}
    pieces = value.decode("ascii", "replace").split(";")
    for piece in pieces if pieces[-1].strip() else pieces[:-1]:
        name, equals, said = (part.strip() for part in piece.partition("="))
        if not equals or not _TAG.fullmatch(name) or name in tags:
            return None
        tags[name] = " ".join(said.split())
    return tags


# ---- one signature against one mail ----


def _says_the_same(message: Message, author: str) -> bool:
    """Is the only From that a signature could cover the one the author was read from, and every such field alone?"""
    times = Counter(field.name for field in message.fields)
    if times["from"] != 1 or any(times[name] > 1 for name in ONCE):
        return False
    mailboxes = strict_mailboxes(text_of(b" ".join(message.values("from")[0].split())))
    return mailboxes is not None and [held.address for held in mailboxes] == [author]


def _is_valid(held: Signature, message: Message, at: datetime, keys: KeyTexts) -> bool:
    """The cheap questions first; a name server is asked only about a mail whose body is as it was signed."""
    if not held.covers(message) or not held.holds_at(at):
        return False
    _, body_form = FORMS[held.body_form]
    if hashlib.sha256(body_form(message.body)).digest() != held.body_hash:
        return False
    key = key_of(keys(held.key_name), held)
    return key is not None and _verifies(key, held, _signed_bytes(held, message))


def _signed_bytes(held: Signature, message: Message) -> bytes:
    """The fields of h=, then the signature's own without its b= (RFC 6376 §3.7)."""
    head_form, _ = FORMS[held.head_form]
    before, colon, value = held.field.raw.partition(b":")
    own = Field(name=held.field.name, raw=before + colon + without_signature(value))
    return message.signed(held.names, held.head_form) + head_form(own)


def _verifies(key: RSAPublicKey | Ed25519PublicKey, held: Signature, signed: bytes) -> bool:
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(held.signature, signed, PKCS1v15(), SHA256())
        else:
            key.verify(held.signature, hashlib.sha256(signed).digest())  # RFC 8463 §3
    except InvalidSignature:
        return False
    return True


# ---- its key ----


def key_of(texts: list[str] | None, held: Signature) -> RSAPublicKey | Ed25519PublicKey | None:
    """The key of the one record published for it (RFC 6376 §3.6.1); None for none, several, revoked or weak ones."""
    records = [tags for text in texts or () if (tags := tag_list(text.encode("ascii", "replace"))) and "p" in tags]
    if len(records) != 1:
        return None
    (tags,) = records
    kind, flags = tags.get("k", "rsa").lower(), _words(tags.get("t", ""))
    allowed = (
        tags.get("v", "DKIM1") == "DKIM1"
        and KEY_TYPES[held.algorithm] == kind
        and "sha256" in _words(tags.get("h", "sha256"))
        and _words(tags.get("s", "*")) & {"*", "email"}
        and "y" not in flags  # the domain only tries it out
        and ("s" not in flags or held.identity == held.domain)
    )
    return _public_key(kind, tags["p"]) if allowed else None


def _public_key(kind: str, packed: str) -> RSAPublicKey | Ed25519PublicKey | None:
    try:
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(_unpacked(packed))
        key = load_der_public_key(_unpacked(packed))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPublicKey) and key.key_size in RSA_BITS else None


def _words(said: str) -> set[str]:
    return {word.strip().lower() for word in said.split(":")}


def _unpacked(text: str) -> bytes:
    """Base64 with folds in it. ValueError for anything else, and for nothing."""
    found = base64.b64decode("".join(text.split()), validate=True)
    if not found:
        raise ValueError("nothing in it")
    return found


def _moment(text: str | None) -> int | None:
    """Seconds since 1970; ValueError for what is no number of at most twelve digits (RFC 6376 §3.5)."""
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise ValueError("no time")
    return int(text)
