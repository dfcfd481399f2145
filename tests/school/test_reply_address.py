"""A token is read by nobody but us, survives what mail programs do to it, and never becomes another token."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school.reply_address import ALPHABET, AddressShape, Keys, Token, TokenKind, read, sign, token_in_address

KEYS = Keys(by_id={0: b"k" * 32}, domain="school.test")
OTHER = Keys(by_id={0: b"o" * 32}, domain="school.test")
PLUS = AddressShape(domain="school.test", mailbox="reply")
OWN = AddressShape(domain="reply.school.test")
TOKEN = Token(kind=TokenKind.SECTION, public_id=0x123456789ABC, ordinal=31)
LOOKS_LIKE = {"o": "0", "i": "1", "l": "1"}
tokens = st.builds(
    Token,
    kind=st.sampled_from(TokenKind),
    public_id=st.integers(0, 2**48 - 1),
    ordinal=st.integers(0, 31),
)


@given(tokens)
def test_what_was_signed_is_read_again(token):
    text = sign(token, KEYS)

    assert len(text) == 29
    assert set(text) <= set(ALPHABET)
    assert read(text, KEYS) == token
    assert read(text.upper(), KEYS) == token


@given(tokens, st.integers(0, 28), st.characters())
@settings(max_examples=400)
def test_one_changed_character_is_no_token_but_for_the_look_alikes(token, place, sign_):
    text = sign(token, KEYS)
    changed = text[:place] + sign_ + text[place + 1 :]
    same = LOOKS_LIKE.get(sign_.lower(), sign_.lower()) == text[place] and sign_.isascii()

    assert read(changed, KEYS) == (token if same else None)


def test_another_scripts_sign_that_lowers_to_ours_is_refused():
    text = next(
        text for number in range(99) if "k" in (text := sign(Token(kind=TokenKind.THREAD, public_id=number), KEYS))
    )

    assert "\u212a".lower() == "k"
    assert read(text.replace("k", "\u212a"), KEYS) is None


def test_every_change_within_the_alphabet_is_refused():
    text = sign(TOKEN, KEYS)

    accepted = [
        sign_
        for place in range(29)
        for sign_ in ALPHABET
        if sign_ != text[place] and read(text[:place] + sign_ + text[place + 1 :], KEYS)
    ]

    assert accepted == []


@given(st.text(max_size=60))
def test_any_other_text_is_no_token(text):
    assert read(text, KEYS) is None


@pytest.mark.parametrize("cut", [1, 5, 28])
def test_a_truncated_or_longer_token_is_none(cut):
    text = sign(TOKEN, KEYS)

    assert read(text[:-cut], KEYS) is None
    assert read(text + "0" * cut, KEYS) is None


def test_a_swap_of_neighbours_is_refused():
    text = sign(TOKEN, KEYS)
    swapped = {text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in range(28)} - {text}

    assert not [held for held in swapped if read(held, KEYS)]


def test_another_key_another_domain_and_a_retired_key_read_nothing():
    text = sign(TOKEN, KEYS)

    assert read(text, OTHER) is None
    assert read(text, Keys(by_id=KEYS.by_id, domain="elsewhere.test")) is None
    assert read(text, Keys(by_id={1: b"k" * 32}, domain="school.test")) is None


def test_after_a_rotation_old_addresses_still_lead_home_and_new_ones_use_the_new_key():
    both = Keys(by_id={0: b"k" * 32, 1: b"n" * 32}, domain="school.test")

    assert read(sign(TOKEN, KEYS), both) == TOKEN
    assert read(sign(TOKEN, both), KEYS) is None


@pytest.mark.parametrize(
    "written",
    [
        "reply+{token}@school.test",
        "REPLY+{TOKEN}@SCHOOL.TEST",
        "reply%2b{token}@school.test",
        "reply%2B{token}@school.test",
        "reply {token}@school.test",
        " <reply+{token}@school.test> ",
        '"reply+{token}"@school.test',
        "reply+{dashed}@school.test",
    ],
)
def test_an_address_survives_what_mail_programs_do_to_it(written):
    text = sign(TOKEN, KEYS)
    address = written.format(token=text, TOKEN=text.upper(), dashed=f"{text[:10]}-{text[10:]}")

    assert token_in_address(address, PLUS, KEYS) == TOKEN


@pytest.mark.parametrize(
    "written",
    ["reply+{token}@elsewhere.test", "reply+{token}@school.test.evil.example", "reply+{token}", "reply+@x", ""],
)
def test_an_address_elsewhere_carries_nothing(written):
    assert token_in_address(written.format(token=sign(TOKEN, KEYS)), PLUS, KEYS) is None


@pytest.mark.parametrize("shape", [PLUS, OWN, AddressShape(domain="school.test", mailbox="reply", separator="-")])
def test_each_shape_reads_what_it_writes_within_the_limit_of_a_local_part(shape):
    keys = Keys(by_id=KEYS.by_id, domain="school.test")
    address = shape.address(sign(TOKEN, keys))

    assert token_in_address(address, shape, keys) == TOKEN
    assert token_in_address(address.upper(), shape, keys) == TOKEN
    assert len(address.rpartition("@")[0]) <= 64


def test_a_fixed_address_shows_no_token():
    fixed = AddressShape(domain="school.test", mailbox="reply", fixed=True)

    assert fixed.address(sign(TOKEN, KEYS)) == "reply@school.test"
    assert token_in_address("reply@school.test", fixed, KEYS) is None
