"""No header line appears that we did not write, and every line keeps the form the RFCs ask for."""

import itertools
import re
from dataclasses import fields, replace

import pytest

from mailer.address import AddressRefused, wire_address
from mailer.compose import Draft, Enclosure, HeaderRefused, compose
from mailer.headers import check_header_block, without_controls
from tests.mailer.drafts import draft, random_draft

BREAKS = (
    "\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x00", "\x7f",
    "\r\n ", "\n\t", "\r\n\r\n", "=?utf-8?q?=0D=0A?=", "=?utf-8?b?DQo=?=", "=0D=0A", "%0d%0a", "\\r\\n",
    "\ud800", "\u0000\n", "\x1f", "\x9f",
)  # fmt: skip
INJECTED = ("Bcc: evil@example.org", "X-Evil: 1", "\r\n<script>")
TEXT_FIELDS = tuple(
    field.name
    for field in fields(Draft)
    if field.type in {str, "str"} and field.name not in {"text", "html", "boundary_seed"}
)
PAYLOADS = [
    (name, f"{start}{line_break}{injected}")
    for name, (start, line_break, injected) in itertools.product(
        TEXT_FIELDS, itertools.product(("", "x@y.test"), BREAKS, INJECTED[:1])
    )
]
NAMES = [
    line.partition(b":")[0].lower()
    for line in compose(draft(in_reply_to="a@b.test")).partition(b"\r\n\r\n")[0].split(b"\r\n")
    if line[:1].strip()
]


def field_names(raw: bytes) -> list[bytes]:
    """The header names a lenient server would see: any line end counts."""
    block = re.split(rb"(?:\r\n|\r|\n){2}", raw, maxsplit=1)[0]
    return [line.partition(b":")[0].lower() for line in re.split(rb"\r\n|\r|\n", block) if line[:1].strip()]


def test_there_are_at_least_500_payloads():
    assert len(PAYLOADS) >= 500


def test_no_payload_in_any_field_makes_a_header_line():
    for name, payload in PAYLOADS:
        try:
            raw = compose(replace(draft(in_reply_to="a@b.test"), **{name: payload}))
        except HeaderRefused:
            continue
        assert set(field_names(raw)) <= set(NAMES), (name, payload)
        assert len(field_names(raw)) == len(set(field_names(raw)))


@pytest.mark.parametrize("sign", ["\r", "\n", "\x00", "\x85", "\u2028", "\u2029", "\x7f", "\x0b"])
@pytest.mark.parametrize("name", TEXT_FIELDS)
def test_a_control_character_is_refused_by_name(name, sign):
    with pytest.raises(HeaderRefused, match=f"U\\+{ord(sign):04X}") as refused:
        compose(replace(draft(in_reply_to="a@b.test"), **{name: f"x{sign}y"}))

    assert refused.value.field.partition("_")[0] == name.partition("_")[0]


@pytest.mark.parametrize("sign", ["\r\n", "\x00", "\u2028"])
def test_a_control_character_in_an_enclosure_is_refused(sign):
    for changes in ({"name": f"a{sign}b"}, {"content_type": f"text/plain{sign}"}, {"content_id": f"a{sign}b"}):
        values = {"name": "a", "content_type": "text/plain", "data": b"", **changes}
        with pytest.raises(HeaderRefused, match="enclosure"):
            compose(draft(enclosures=(Enclosure(**values),)))


@pytest.mark.parametrize("payload", ["=?utf-8?q?hi=0D=0ABcc:_evil@x.example?=", "=?utf-8?b?aGkNCkJjYzogZXZpbEB4?="])
def test_a_subject_that_looks_encoded_stays_text(payload):
    """CVE-2024-6923 and -2026-1299: the standard library decoded these into header lines."""
    from email import message_from_bytes, policy

    raw = compose(draft(subject=f"Re: {payload}"))

    assert b"Bcc" not in raw
    assert message_from_bytes(raw, policy=policy.default)["subject"] == f"Re: {payload}"


def test_long_structured_values_are_never_encoded_words():
    """The standard library wrote these as =?utf-8?q?…: one-click unsubscribing then fails without a word."""
    raw = compose(draft(unsubscribe_url="https://school.test/u/" + "k" * 200, message_id="k" * 100 + "@r.test"))

    assert b"=?" not in raw.replace(b"=?utf-8?q?Ana_D=C3=ADaz?=", b"")
    assert b"List-Unsubscribe: <https://school.test/u/" + b"k" * 200 + b">,\r\n <mailto:leave@school.test>\r\n" in raw


STRUCTURED = {b"list-id", b"list-help", b"list-unsubscribe", b"list-unsubscribe-post", b"message-id", b"references",
              b"in-reply-to", b"feedback-id", b"date"}  # fmt: skip


def faults(raw: bytes) -> list[str]:
    """What a strict reader of RFC 5322, 2047 and 3834 would complain about."""
    block = raw.partition(b"\r\n\r\n")[0]
    found = []
    if not block.isascii():
        found.append("8-bit header")
    unfolded: list[bytes] = []
    for line in block.split(b"\r\n"):
        if len(line) > 998:
            found.append("line over 998")
        if len(line) > 78 and b" " in line.strip().split(b": ")[-1]:
            found.append(f"could have been folded: {line!r}")
        if not line.strip():
            found.append("empty continuation")
        if line[:1] in b" \t":
            unfolded[-1] += line
        else:
            unfolded.append(line)
    names = [line.partition(b":")[0].lower() for line in unfolded]
    found += [f"{name!r} twice" for name in set(names) if names.count(name) > 1]
    found += [f"{line!r}" for line in unfolded if line.partition(b":")[0].lower() in STRUCTURED and b"=?" in line]
    if not re.search(rb"\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\r\n", raw):
        found.append("date")
    if any(len(word) > 75 for word in re.findall(rb"=\?utf-8\?[qb]\?[^?]*\?=", block)):
        found.append("encoded word over 75")
    return found


def test_generated_letters_pass_the_lint():
    assert {seed: found for seed in range(1000) if (found := faults(compose(random_draft(seed))))} == {}


@pytest.mark.nightly
def test_ten_thousand_letters_pass_the_lint():
    assert {seed: found for seed in range(10_000) if (found := faults(compose(random_draft(seed))))} == {}


GOOD = b"From: a@x.test\r\nTo: b@y.test\r\nDate: x\r\nMessage-ID: <i@x.test>\r\n\r\nbody"


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.replace(b"\r\n\r\n", b"\r\n"),
        GOOD.replace(b"\r\nDate", b"\nDate"),
        GOOD.replace(b"\r\nDate", b"\rDate"),
        GOOD.replace(b"Date: x", b"Date: \xff"),
        GOOD.replace(b"Date: x", b"Date: x\r\nTo: c@z.test"),
        GOOD.replace(b"Date: x", b"Date: x\r\n \t "),
        GOOD.replace(b"Date: x", b"Date: " + b"x" * 999),
        GOOD.replace(b"Date: x", b"Date: x\x00"),
        GOOD.replace(b"Date: x\r\n", b""),
        b" folded first\r\n" + GOOD,
    ],
)
def test_the_last_look_refuses_a_bad_header(raw):
    check_header_block(GOOD)
    with pytest.raises(HeaderRefused):
        check_header_block(raw)


def test_others_subjects_are_made_fit():
    assert without_controls("Re: \r\n a\tb\x00 c\u2028d") == "Re: a b c d"


# ---- addresses ----


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("ana@example.org", "ana@example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@straße.example", "ana@xn--strae-oqa.example"),
        ("ana@BÜCHER.example", "ana@xn--bcher-kva.example"),
        ("ana@例え。テスト", "ana@xn--r8jz45g.xn--zckzah"),
        ("o'neil+x@example.org", "o'neil+x@example.org"),
        ("a..b@example.org", '"a..b"@example.org'),
        ('"a b"@example.org', '"a b"@example.org'),
    ],
)
def test_domains_are_written_in_ascii_and_names_untouched(address, wire):
    assert wire_address(address) == wire


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("jörg@example.org", "non-ascii-local-part"),
        ("用户@example.org", "non-ascii-local-part"),
        ("nobody", "no-at-sign"),
        ("@example.org", "no-at-sign"),
        ("a@", "no-at-sign"),
        ("a b@example.org", "bad-local-part"),
        ("a@b@example.org", "bad-local-part"),
        ("alice@example.org)bob@example.com", "bad-local-part"),
        ("x" * 65 + "@example.org", "bad-local-part"),
        ("a@exa mple.org", "bad-domain"),
        ("a@example..org", "bad-domain"),
        ("a@-x.org", "bad-domain"),
        ("a@" + "x" * 64 + ".org", "bad-domain"),
        ("a@ex\u202eample.org", "bad-domain"),
    ],
)
def test_an_address_that_cannot_be_written_says_why(address, reason):
    refused = wire_address(address)

    assert isinstance(refused, AddressRefused)
    assert refused.reason == reason
