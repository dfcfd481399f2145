"""DKIM (RFC 6376): our signature over a finished letter, relaxed/relaxed, RSA-2048 or Ed25519 (RFC 8463).

Usually the mail server signs; this is for a school whose server does not. Verified against dkimpy in the tests, which
is too slow to sign with.
"""

import hashlib
import re
from base64 import b64encode
from datetime import datetime, timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from mailer.headers import FOLD
from school.errors import PermanentError

LIFE = timedelta(days=7)  # long enough for five days of retries; a stolen letter cannot be replayed for ever
MIN_RSA_BITS = 2048  # RFC 8301 §3.2

# Each is signed whether it stands in the letter or not, so nobody can add one on the way (RFC 6376 §5.4).
COVERED = (
    b"from", b"sender", b"reply-to", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references",
    b"mime-version", b"content-type", b"content-transfer-encoding", b"content-language", b"list-id", b"list-help",
    b"list-unsubscribe", b"list-unsubscribe-post", b"feedback-id", b"auto-submitted",
)  # fmt: skip
# Named once more than it stands there: a second From would break the signature (RFC 6376 §8.15).
OVERSIGNED = (b"from", b"to", b"subject", b"date", b"reply-to")
SIGNED_NAMES = COVERED + OVERSIGNED
RUNS = (b" " * 16, b" " * 4, b"  ")
SPACES = re.compile(rb"[ \t]+")


class DkimSigner:
    """Signs letters for one domain with one key."""

    def __init__(self, domain: str, selector: str, private_key_pem: bytes) -> None:
        """PermanentError when the key cannot be used: not PEM, not RSA or Ed25519, or too short."""
        if not re.fullmatch(r"[A-Za-z0-9.-]+", domain) or not re.fullmatch(r"[A-Za-z0-9._-]+", selector):
            raise PermanentError(f"dkim: {selector}._domainkey.{domain} is not a DNS name: correct domain and selector")
        self.domain = domain
        self.selector = selector
        self._key = _load(private_key_pem)
        self.algorithm = "rsa-sha256" if isinstance(self._key, RSAPrivateKey) else "ed25519-sha256"

    def sign(self, raw: bytes, now: datetime) -> bytes:
        """*raw* with a DKIM-Signature in front, valid from *now* for seven days."""
        head, _, body = raw.partition(b"\r\n\r\n")
        field = self._field(body_hash(body), int(now.timestamp()))
        signed = canonical_headers(head) + _relaxed(b"dkim-signature", field)
        signature = b64encode(self._signature(signed)).decode("ascii")
        room = FOLD - 1
        lines = "\r\n ".join(signature[start : start + room] for start in range(0, len(signature), room))
        return b"DKIM-Signature:" + field + b"\r\n " + lines.encode("ascii") + b"\r\n" + raw

    def public_record(self) -> str:
        """The text of the TXT record at `selector._domainkey.domain`."""
        key = self._key.public_key()
        if isinstance(self._key, RSAPrivateKey):
            der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return f"v=DKIM1; k=rsa; p={b64encode(der).decode('ascii')}"
        return f"v=DKIM1; k=ed25519; p={b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode('ascii')}"

    def _field(self, hashed: str, at: int) -> bytes:
        """The signature's value up to its empty b= tag, folded."""
        until = at + int(LIFE.total_seconds())
        tags = (
            f" v=1; a={self.algorithm}; c=relaxed/relaxed;\r\n d={self.domain}; s={self.selector};\r\n"
            f" t={at}; x={until};\r\n h={NAMES_FOLDED};\r\n bh={hashed};\r\n b="
        )
        return tags.encode("ascii")

    def _signature(self, signed: bytes) -> bytes:
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(signed, PKCS1v15(), SHA256())
        return self._key.sign(hashlib.sha256(signed).digest())  # RFC 8463 §3: Ed25519 over the SHA-256


def body_hash(body: bytes) -> str:
    """The base64 SHA-256 of the body in relaxed form (RFC 6376 §3.4.4)."""
    body = body.replace(b"\t", b" ")
    for run in RUNS:  # a run of any length ends as one space; long ones first saves passes
        body = body.replace(run, b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n").rstrip(b"\r\n ")
    return b64encode(hashlib.sha256(body + b"\r\n" if body else b"").digest()).decode("ascii")


def canonical_headers(head: bytes) -> bytes:
    """The signed fields in relaxed form, in the order of h=; of a repeated field the last first (RFC 6376 §5.4.2)."""
    fields: dict[bytes, list[bytes]] = {}
    for field in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = field.partition(b":")
        fields.setdefault(name.strip().lower(), []).append(value)
    return b"".join([_relaxed(name, fields[name].pop()) + b"\r\n" for name in SIGNED_NAMES if fields.get(name)])


def _relaxed(name: bytes, value: bytes) -> bytes:
    return name + b":" + SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def _load(pem: bytes) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise PermanentError("dkim.key: cannot read the private key: give an unencrypted PEM file") from exc
    if isinstance(key, RSAPrivateKey) and key.key_size >= MIN_RSA_BITS:
        return key
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise PermanentError(f"dkim.key: takes RSA of at least {MIN_RSA_BITS} bits, or Ed25519: make a new key")


def _names_folded() -> str:
    lines, line = [], ""
    for name in SIGNED_NAMES:
        part = name.decode("ascii")
        if len(line) + len(part) > FOLD - 6:
            lines.append(line)
            line = ""
        line += f":{part}" if line or lines else part
    return "\r\n  ".join([*lines, line])


NAMES_FOLDED = _names_folded()
