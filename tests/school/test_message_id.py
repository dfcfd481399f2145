"""Our Message-IDs lead home, are short, and nobody else's is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school.message_id import make, token_of
from school.reply_address import Keys, Token, TokenKind

KEYS = Keys(by_id={0: b"k" * 32}, domain="reply.school.test")
TOKEN = Token(kind=TokenKind.THREAD, public_id=7)


@given(st.sampled_from(TokenKind), st.integers(0, 2**48 - 1))
def test_an_id_of_ours_tells_its_token_however_it_is_written(kind, public_id):
    token = Token(kind=kind, public_id=public_id)
    message_id = make(token, "0123456789", KEYS)

    assert len(message_id) < 70
    for written in (message_id, f"<{message_id}>", message_id.upper(), f" <{message_id}> "):
        assert token_of(written, KEYS) == token


@given(st.text(max_size=80))
def test_anybody_elses_id_is_none(text):
    assert token_of(text, KEYS) is None
    assert token_of(f"{text}@reply.school.test", KEYS) is None


@pytest.mark.parametrize("domain", ["school.test", "reply.school.test.example", ""])
def test_our_token_under_another_domain_is_none(domain):
    local = make(TOKEN, "0123456789", KEYS).partition("@")[0]

    assert token_of(f"{local}@{domain}", KEYS) is None


def test_the_suffix_is_not_signed_and_not_needed():
    local = make(TOKEN, "a", KEYS).partition(".")[0]

    assert token_of(f"{local}@reply.school.test", KEYS) == TOKEN
