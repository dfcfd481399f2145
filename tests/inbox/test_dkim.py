"""A signature counts for exactly the mail that was signed, by exactly the author's domain; every doubt is a no.

The signatures are dkimpy's and, with Ed25519 and for what dkimpy does not write, cryptography's by our own signer.
"""

import hashlib
import re
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.authentication import SERVER, SIGNATURE, Vouched, word_on
from inbox.dkim import aligned, key_of, read_signature, signed_by_author
from inbox.dkim_forms import FORMS, Field, message_of
from inbox.parse import parse
from mailer.sign import DkimSigner

NAME = "s1._domainkey.example.org"
AT = datetime(2026, 11, 27, 18, tzinfo=UTC)
PLAIN = (
    b"Received: from home by mx.example.org; Fri, 27 Nov 2026 17:59:58 +0000\r\n"
    b"From: Eva Novak <eva@example.org>\r\n"
    b"To: reply@school.test\r\n"
    b"Subject: About  Anna,\r\n and the\tbus\r\n"
    b"Date: Fri, 27 Nov 2026 17:59:57 +0000\r\n"
    b"Message-ID: <x1@example.org>\r\n"
    b"\r\n"
    b"Anna takes the bus  \r\n\r\ntoday.\t \r\n\r\n\r\n"
)


def pem(key: RSAPrivateKey | Ed25519PrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def record(key: RSAPrivateKey | Ed25519PrivateKey, more: str = "") -> str:
    if isinstance(key, Ed25519PrivateKey):
        packed = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; {more}p={b64encode(packed).decode()}"
    packed = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; {more}p={b64encode(packed).decode()}"


KEY = generate_private_key(65537, 2048)
OTHER = generate_private_key(65537, 2048)
#: RSA with 1016 bits; cryptography makes none that short.
WEAK = (
    "v=DKIM1; p=MIGeMA0GCSqGSIb3DQEBAQUAA4GMADCBiAKBgACgORl9AYUT6KomQF2gdmzZ9eLNz2kB2go/EfBftoQy"
    "Rnrt3hRGmjqAKIZwapmTUartqs/pNyKrQHXWEdwCVgSD6M1ht6NR1CWARAR5XnbsIug8s6YdlWG4OlfP"
    "t6SF7FAq0RMoJN1DGzUt7wfrKZ/LWDokyWZVjADl6s+8ZyDRAgMBAAE="
)
CURVE = Ed25519PrivateKey.generate()
DNS = {NAME: [record(KEY)]}


def by_dkimpy(raw: bytes = PLAIN, *, key=KEY, domain=b"example.org", form=(b"relaxed", b"relaxed"), **how) -> bytes:
    """The mail signed by dkimpy, as of now by the machine's clock: it knows no other."""
    signer = dkimpy.DKIM(raw)
    algorithm = how.pop("signature_algorithm", b"rsa-sha256")
    traditional = pem(key, PrivateFormat.TraditionalOpenSSL)
    field = signer.sign(b"s1", domain, traditional, canonicalize=form, signature_algorithm=algorithm, **how)
    return field + raw


def signed_now(raw: bytes, dns=DNS) -> bool:
    return signed_by_author(parse(raw), datetime.now(UTC), lambda name: dns.get(name, []))


def by_us(raw: bytes = PLAIN, *, key=KEY, domain="example.org", at: datetime = AT) -> bytes:
    return DkimSigner(domain, "s1", pem(key)).sign(raw, at)


def believed(raw: bytes, dns=DNS, at: datetime = AT) -> bool:
    return signed_by_author(parse(raw), at, lambda name: dns.get(name, []))


SIGNED = by_us()
NAMES = {"from", "to", "subject", "date", "message-id", "dkim-signature"}  #: of PLAIN, so far as they are signed


# ---- what counts ----


@pytest.mark.parametrize("head", [b"simple", b"relaxed"])
@pytest.mark.parametrize("body", [b"simple", b"relaxed"])
def test_what_dkimpy_signed_counts_in_every_form(head, body):
    assert signed_now(by_dkimpy(form=(head, body)))


@pytest.mark.parametrize(
    "body", [b"", b"\r\n", b"\r\n\r\n", b"a", b"a\r\n", b" \r\n", b" a\t b \r\n \r\n", b"\r\na\r\n"]
)
@pytest.mark.parametrize("form", [b"simple", b"relaxed"])
def test_every_kind_of_end_counts(body, form):
    raw = PLAIN.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body

    assert signed_now(by_dkimpy(raw, form=(form, form)))


def test_our_own_signers_mail_counts_by_either_kind_of_key():
    assert believed(by_us())
    assert believed(by_us(key=CURVE), {NAME: [record(CURVE)]})


def test_a_mail_kept_with_bare_line_feeds_counts():
    assert believed(by_us().replace(b"\r\n", b"\n"))


def test_fields_put_on_top_on_the_way_change_nothing():
    assert believed(b"Delivered-To: reply@school.test\r\nX-Note: hello\r\n" + by_us())


def test_the_second_signature_counts_when_the_first_is_another_domains():
    assert believed(by_us(by_us(), key=OTHER, domain="relay.example"), DNS | {"s1._domainkey.relay.example": ["p="]})


# ---- what does not ----


CHANGES = {
    "body": (b"today.", b"never."),
    "From": (b"eva@example.org", b"mia@example.org"),
    "name": (b"Eva Novak", b"Mia Novak"),
    "Subject": (b"About  Anna", b"About Leo"),
    "Date": (b"17:59:57", b"17:59:56"),
    "signature": (b"d=example.org", b"d=Example.org"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_undoes_it(what):
    before, after = CHANGES[what]
    raw = by_us()
    assert before in raw

    assert not believed(raw.replace(before, after))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_changed_byte_of_what_was_signed_counts(data):
    """Also no byte cut out; what may change is white space, the case of names, and what was not signed."""
    raw = SIGNED
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:at] + data.draw(st.sampled_from([b"", b"Q", b"7"])) + raw[at + 1 :]

    def essence(mail: bytes) -> list[str]:
        message = message_of(mail)
        if message is None:
            return []
        head, body = FORMS["relaxed"]
        kept = [head(field) for field in message.fields if field.name in NAMES]
        return sorted(re.sub(rb"\s+", b"", piece) for piece in (*kept, body(message.body)))

    assert not believed(changed) or essence(changed) == essence(raw)


def test_a_second_from_makes_nobody_the_author():
    for raw in (b"From: mia@example.org\r\n" + by_us(), by_us().replace(b"To:", b"From: mia@example.org\r\nTo:")):
        assert not believed(raw)


@pytest.mark.parametrize(
    "field", [b"Subject: Police", b"Date: Sat, 28 Nov 2026 09:00:00 +0000", b"Content-Type: text/html"]
)
def test_a_field_put_on_top_that_stands_there_already_undoes_it(field):
    """We read the upper one, and the lower one was signed (RFC 6376 §8.15)."""
    raw = by_dkimpy(PLAIN.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain\r\n\r\n", 1))
    assert signed_now(raw)

    assert dkimpy.verify(field + b"\r\n" + raw, dnsfunc=lambda *_, **__: record(KEY).encode())
    assert not signed_now(field + b"\r\n" + raw)


def test_a_from_that_is_read_in_another_way_than_it_was_signed_does_not_count():
    raw = by_us()
    for mail in (b"From mia Fri Nov 27 2026\r\n" + raw, b"\r\n" + raw, b" folded\r\n" + raw, b"no field\r\n" + raw):
        assert not believed(mail)


@pytest.mark.parametrize("left_out", [b"from", b"subject", b"date"])
def test_a_signature_that_leaves_out_what_matters_does_not_count(left_out):
    """So an old mail cannot be sent again as a new one. dkimpy refuses to leave out From: then it is ours, by hand."""
    if left_out == b"from":
        assert not believed(by_hand(names="to:subject:date"))
    names = [name for name in (b"from", b"to", b"subject", b"date") if name != left_out]
    if b"from" in names:
        assert not signed_now(by_dkimpy(include_headers=names))
        assert signed_now(by_dkimpy(include_headers=[*names, left_out]))


def test_a_subject_that_is_not_there_need_not_be_signed():
    raw = PLAIN.replace(b"Subject: About  Anna,\r\n and the\tbus\r\n", b"")

    assert signed_now(by_dkimpy(raw, include_headers=[b"from", b"date"]))


def test_a_length_does_not_count_even_where_it_is_the_whole():
    raw = by_dkimpy(length=True)
    assert dkimpy.verify(raw + b"Buy now\r\n", dnsfunc=lambda *_, **__: record(KEY).encode())

    assert not signed_now(raw)
    assert not signed_now(raw + b"Buy now\r\n")


def test_it_counts_until_it_runs_out():
    raw = by_us()  # for seven days

    assert believed(raw, at=AT + timedelta(days=7))
    assert not believed(raw, at=AT + timedelta(days=7, seconds=1))


def test_one_from_the_future_does_not_count():
    assert believed(by_us(at=AT + timedelta(minutes=59)))
    assert not believed(by_us(at=AT + timedelta(minutes=61)))


def test_one_that_ended_before_it_began_does_not_count():
    began = int(AT.timestamp())

    assert believed(by_hand(more=f"t={began}; x={began + 1}; "))
    assert not believed(by_hand(more=f"t={began}; x={began}; "))
    assert not believed(by_hand(more="x=tomorrow; "))


def test_sha1_does_not_count():
    assert not signed_now(by_dkimpy(signature_algorithm=b"rsa-sha1"))


def by_hand(
    raw: bytes = PLAIN, *, names="from:to:subject:date", more="", domain="example.org", key=KEY, form="relaxed/relaxed"
) -> bytes:
    """A signature with any tags whatever, over the very forms that are verified; dkimpy agrees with them above."""
    message = message_of(raw)
    head, body = (FORMS[one][which] for which, one in enumerate(form.split("/")))
    hashed = b64encode(hashlib.sha256(body(message.body)).digest()).decode()
    tags = f" v=1; a=rsa-sha256; c={form}; d={domain}; s=s1; {more}h={names}; bh={hashed}; b="
    own = Field(name="dkim-signature", raw=b"DKIM-Signature:" + tags.encode())
    signature = key.sign(message.signed(names.split(":"), form.partition("/")[0]) + head(own), PKCS1v15(), SHA256())
    return own.raw + b64encode(signature) + b"\r\n" + raw


def test_what_is_signed_by_hand_is_what_dkimpy_verifies():
    assert dkimpy.verify(by_hand(), dnsfunc=lambda *_, **__: record(KEY).encode())
    assert believed(by_hand())


@pytest.mark.parametrize(
    "more",
    ["i=@evil.example; ", "i=eva@badexample.org; ", "q=dns/https; ", "s=s2; ", "l=5; ", "junk; ", "1z=2; ", "=2; "],
)
def test_tags_that_make_no_sense_do_not_count(more):
    assert not believed(by_hand(more=more))


def test_the_identity_may_be_below_the_domain_unless_the_key_says_otherwise():
    raw = by_hand(more="i=eva@post.example.org; ")

    assert believed(raw)
    assert not believed(raw, {NAME: [record(KEY, "t=s; ")]})
    assert believed(by_hand(), {NAME: [record(KEY, "t=s; ")]})


# ---- whose domain ----


@pytest.mark.parametrize(
    ("signer", "author", "speaks"),
    [
        ("example.org", "example.org", True),
        ("example.org", "post.example.org", True),
        ("example.org", "a.b.example.org", True),
        ("post.example.org", "example.org", False),  # a name below co.uk would speak for co.uk
        ("badexample.org", "example.org", False),
        ("example.org", "badexample.org", False),
        ("org", "example.org", False),
        ("other.example", "example.org", False),
        ("", "example.org", False),
    ],
)
def test_a_domain_speaks_for_itself_and_those_below(signer, author, speaks):
    assert aligned(signer, author) is speaks


def test_a_third_partys_signature_does_not_count():
    dns = DNS | {f"s1._domainkey.{name}": [record(OTHER)] for name in ("evil.example", "post.example.org", "org")}

    for domain in ("evil.example", "post.example.org", "org"):
        assert not believed(by_us(key=OTHER, domain=domain), dns)
    assert not believed(by_us(key=OTHER), dns)


def test_only_names_of_the_authors_domain_are_asked_for_and_few():
    asked: list[str] = []
    raw = by_us(key=OTHER, domain="evil.example")
    for number in range(12):
        raw = DkimSigner("example.org", f"n{number}", pem(OTHER)).sign(raw, AT)

    assert not signed_by_author(parse(raw), AT, asked.append)
    assert len(asked) == 5
    assert all(name.endswith("._domainkey.example.org") for name in asked)


def test_no_name_server_is_asked_about_a_body_that_was_changed():
    asked: list[str] = []

    assert not signed_by_author(parse(by_us() + b"more\r\n"), AT, asked.append)
    assert asked == []


# ---- its key ----


@pytest.mark.parametrize(
    "texts",
    [
        None,
        [],
        [""],
        ["v=DKIM1; p="],
        ["v=DKIM1"],
        ["v=DKIM2; " + record(KEY).partition("; ")[2]],
        [record(KEY, "k=ed25519; ")],
        [record(KEY, "h=sha1; ")],
        [record(KEY, "s=tlsrpt; ")],
        [record(KEY, "t=y; ")],
        [record(KEY, "t=s:y; ")],
        [record(OTHER)],
        [record(KEY), record(OTHER)],
        [record(CURVE)],
        ["v=DKIM1; p=AAAA"],
        ["v=DKIM1; p=!!"],
        ["v=DKIM1; p=AAAA; p=BBBB"],
    ],
)
def test_no_key_a_wrong_or_a_revoked_one_is_a_plain_no(texts):
    assert not believed(by_us(), {NAME: texts})


@pytest.mark.parametrize("more", ["h=sha1:sha256; ", "s=email; ", "s=*; ", "k=rsa; ", "n=a note; "])
def test_a_key_may_say_what_it_is_for(more):
    assert believed(by_us(), {NAME: [record(KEY, more)]})
    assert believed(by_us(), {NAME: ["v=spf1 -all", record(KEY, more)]})


def test_a_weak_key_does_not_count():
    short = generate_private_key(65537, 1024)
    signature = read_signature(message_of(by_hand()).fields[0])

    assert key_of([WEAK], signature) is None
    assert key_of([record(short)], signature).key_size == 1024
    assert believed(by_hand(key=short), {NAME: [record(short)]})


@given(st.binary(max_size=300))
def test_no_field_and_no_record_makes_it_fail(data):
    field = Field(name="dkim-signature", raw=b"DKIM-Signature:" + data)
    found = read_signature(field)
    good = read_signature(message_of(SIGNED).fields[0])

    assert found is None or found.key_name
    assert key_of([data.decode("latin-1")], good) is None


# ---- whose word it is ----


def word(raw: bytes, *, trusted=frozenset({"mx.school.test"}), keys=DNS.get):
    return word_on(parse(raw), trusted, AT, keys)


def test_a_signature_vouches_where_no_trusted_server_spoke():
    for raw in (by_us(), b"Authentication-Results: mx.evil.example; dmarc=fail\r\n" + by_us()):
        assert (word(raw).vouched, word(raw).by) == (Vouched.OK, SIGNATURE)
    assert word(by_us(), keys=None).vouched is Vouched.NONE


@pytest.mark.parametrize(("said", "vouched"), [("fail", Vouched.BAD), ("none", Vouched.NONE), ("pass", Vouched.OK)])
def test_a_trusted_servers_word_holds_whatever_the_signature(said, vouched):
    raw = f"Authentication-Results: mx.school.test; dmarc={said} header.from=example.org\r\n".encode() + by_us()

    assert (word(raw).vouched, word(raw).by) == (vouched, SERVER)


def test_a_broken_signature_or_a_silent_name_server_never_speaks_against_the_author():
    for found in (word(by_us() + b"more\r\n"), word(by_us(), keys=lambda _name: None), word(PLAIN)):
        assert (found.vouched, found.by) == (Vouched.NONE, "")


# ---- hostile ----


HOSTILE = {
    "blanks": by_us(PLAIN + b" " * 1_000_000),
    "lines of blanks": PLAIN + b" \r\n" * 300_000,
    "empty lines": PLAIN + b"\r\n" * 500_000,
    "tags": b"DKIM-Signature: " + b"a=b;" * 15_000 + b"\r\n" + PLAIN,
    "semicolons": b"DKIM-Signature: v=1;" + b" ;" * 30_000 + b"\r\n" + PLAIN,
    "names": b"DKIM-Signature: v=1; d=example.org; s=s1; a=rsa-sha256; bh=AAAA; b=AAAA; h=from:"
    + b"to:" * 15_000
    + PLAIN,
    "signatures": b"DKIM-Signature: v=1; d=example.org; s=s1; a=rsa-sha256; bh=AAAA; b=AAAA; h=from\r\n" * 600 + PLAIN,
    "folds": b"DKIM-Signature: v=1;" + b"\r\n " * 20_000 + b"\r\n" + PLAIN,
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_mail_takes_no_time(shape):
    mail = parse(HOSTILE[shape])
    before = time.process_time()

    signed_by_author(mail, AT, DNS.get)

    assert time.process_time() - before < 0.3
