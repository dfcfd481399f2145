"""Our signature holds for an independent verifier, survives a relay, and breaks when somebody changes the letter."""

from datetime import UTC, datetime, timedelta

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mailer.compose import compose
from mailer.headers import check_header_block
from mailer.sign import COVERED, DkimSigner
from school.errors import PermanentError
from tests.mailer.drafts import draft, random_draft

NOW = datetime.now(UTC)  # dkimpy asks the real clock whether a signature is still good


def pem(key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def signer() -> DkimSigner:
    return DkimSigner("school.test", "ff1", pem(rsa.generate_private_key(65537, 2048)))


@pytest.fixture(scope="module")
def edwards() -> DkimSigner:
    return DkimSigner("school.test", "ff2", pem(ed25519.Ed25519PrivateKey.generate()))


def verified(raw: bytes, signer: DkimSigner) -> bool:
    def record(name: bytes, timeout: int = 5) -> bytes | None:
        asked = name.decode().rstrip(".")
        return signer.public_record().encode() if asked == f"{signer.selector}._domainkey.school.test" else None

    return dkim.verify(raw, dnsfunc=record)


def tags(raw: bytes) -> dict[str, str]:
    value = raw.partition(b"\r\nFrom:")[0].decode().partition(":")[2]
    return {key.strip(): "".join(text.split()) for key, _, text in (one.partition("=") for one in value.split(";"))}


def test_a_signed_letter_verifies(signer):
    assert verified(signer.sign(compose(draft()), NOW), signer)


def test_letters_of_every_shape_verify(signer):
    for seed in range(100):
        assert verified(signer.sign(compose(random_draft(seed)), NOW), signer), seed


def test_an_ed25519_signature_verifies(edwards):
    """By cryptography itself: dkimpy needs another library for this algorithm."""
    import base64
    import hashlib
    import re

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    signed = edwards.sign(compose(draft()), NOW)
    field, _, original = signed.partition(b"\r\nFrom:")
    unsigned = re.sub(rb"b=\s*[A-Za-z0-9+/=\s]+$", b"b=", field)
    canonical = dkim.canonicalization.Relaxed.canonicalize_headers(
        [(unsigned.partition(b":")[0], unsigned.partition(b":")[2])]
    )
    _, lines = dkim.rfc822_parse(b"From:" + original)[1], dkim.rfc822_parse(b"From:" + original)[0]
    relaxed = dkim.canonicalization.Relaxed.canonicalize_headers(lines)
    names = [name.encode() for name in tags(signed)["h"].split(":")]
    chosen = dkim.select_headers(relaxed, names)
    text = (
        b"".join(name + b":" + value for name, value in chosen)
        + canonical[0][0]
        + b":"
        + canonical[0][1].rstrip(b"\r\n")
    )
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(edwards.public_record().partition("p=")[2]))

    key.verify(base64.b64decode(tags(signed)["b"]), hashlib.sha256(text).digest())


def test_both_signatures_stand_in_one_letter(signer, edwards):
    both = edwards.sign(signer.sign(compose(draft()), NOW), NOW)

    check_header_block(both)
    assert dkim.DKIM(both).verify(1, dnsfunc=lambda name, timeout=5: signer.public_record().encode())


def test_the_signature_covers_what_it_should_and_ends_after_a_week(signer):
    read = tags(signer.sign(compose(draft()), NOW))
    names = read["h"].split(":")

    assert {
        "from", "sender", "reply-to", "to", "subject", "date", "message-id", "in-reply-to", "references",
        "mime-version",
        "content-type", "list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id", "auto-submitted",
    } <= set(names)  # fmt: skip
    assert names.count("from") == 2
    assert (read["a"], read["c"], read["d"]) == ("rsa-sha256", "relaxed/relaxed", "school.test")
    assert int(read["x"]) - int(read["t"]) == timedelta(days=7).total_seconds()


def test_signing_only_adds_its_field(signer):
    raw = compose(draft())
    signed = signer.sign(raw, NOW)

    assert signed.endswith(raw)
    check_header_block(signed)
    assert max(map(len, signed[: -len(raw)].split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "change",
    [
        (b"Subject: Friday Folder", b"Subject:   Friday   Folder  "),
        (b"Subject: Friday Folder", b"SUBJECT: Friday Folder"),
        (b"MIME-Version", b"Received: by relay.test\r\nMIME-Version"),
        (b"all is well.", b"all is well. \t "),
    ],
)
def test_what_relays_do_leaves_it_whole(signer, change):
    assert verified(signer.sign(compose(draft(html="")), NOW).replace(*change), signer)


@pytest.mark.parametrize(
    "change",
    [
        (b"all is well", b"all is lost"),
        (b"Subject: Friday Folder", b"Subject: Friday folder"),
        (b"\r\nFrom:", b"\r\nFrom: evil@example.org\r\nFrom:"),
        (b"\r\nTo:", b"\r\nSubject: other\r\nTo:"),
        (b"\r\nMIME-Version", b"\r\nSender: evil@example.org\r\nMIME-Version"),
        (b"List-Unsubscribe: <https://school.test", b"List-Unsubscribe: <https://evil.test"),
    ],
)
def test_what_nobody_may_do_breaks_it(signer, change):
    signed = signer.sign(compose(draft(html="")), NOW)

    assert signed != signed.replace(*change)
    assert not verified(signed.replace(*change), signer)


@pytest.mark.parametrize(
    "key",
    [b"no key", pem(rsa.generate_private_key(65537, 1024))],
)
def test_an_unusable_key_is_named(key):
    with pytest.raises(PermanentError, match=r"dkim\.key"):
        DkimSigner("school.test", "ff", key)


def test_a_selector_is_a_dns_name():
    with pytest.raises(PermanentError, match="dkim"):
        DkimSigner("school.test", "a b", pem(ed25519.Ed25519PrivateKey.generate()))


def test_covered_fields_are_named_once():
    assert len(COVERED) == len(set(COVERED))
