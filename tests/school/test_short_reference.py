"""Eight signs look something up: written alike by everybody, never mended, and never a neighbour's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school.reply_address import ALPHABET, Keys, Token, TokenKind
from school.short_reference import (
    SIGNS,
    lines_in,
    of_section,
    of_token,
    public_ids,
    shown,
    tag,
    tags_in,
    without_tags,
)

KEYS = Keys(by_id={0: b"k" * 32}, domain="school.test")
LOOKED_UP = [kind for kind in TokenKind if kind is not TokenKind.SECTION]
ids = st.integers(0, 2**48 - 1)
codes = st.text(ALPHABET, min_size=SIGNS, max_size=SIGNS)
tokens = st.builds(Token, kind=st.sampled_from(LOOKED_UP), public_id=ids)


@given(tokens)
def test_a_reference_leads_back_to_a_few_public_ids_of_its_kind(token):
    first, last = public_ids(of_token(token), token.kind)

    assert first <= token.public_id <= last
    assert last - first == 255


@given(ids)
def test_kinds_of_one_public_id_have_references_of_their_own(public_id):
    """A guardian's and a teacher's tag of one conversation are two."""
    assert len({of_token(Token(kind=kind, public_id=public_id)) for kind in LOOKED_UP}) == len(LOOKED_UP)


@given(tokens, st.integers(0, SIGNS - 1), st.sampled_from(ALPHABET))
def test_one_changed_sign_is_not_the_same_reference(token, place, sign):
    code = of_token(token)
    changed = code[:place] + sign + code[place + 1 :]
    first, last = public_ids(changed, token.kind)

    assert (first <= token.public_id <= last) == (changed == code)


def test_sections_of_one_letter_differ_in_most_signs():
    codes = [of_section(0x123456789ABC, ordinal, KEYS) for ordinal in range(1, 32)]

    assert len(set(codes)) == 31
    assert (
        min(sum(a != b for a, b in zip(one, other, strict=True)) for one in codes for other in codes if one != other)
        > 3
    )


def test_a_section_is_not_worked_out_from_a_token():
    with pytest.raises(ValueError, match="stored"):
        of_token(Token(kind=TokenKind.SECTION, public_id=1, ordinal=1))


@given(codes, st.text(max_size=40), st.text(max_size=40))
def test_a_tag_is_found_in_any_subject(code, before, after):
    assert code in tags_in(f"{before} {tag(code)} {after}")


@given(codes)
def test_a_printed_line_is_found_however_it_is_quoted(code):
    for quoted in (
        f"> Ref {shown(code)}\n",
        f"|Ref\u00a0{shown(code)}",
        f"mail program. Ref {shown(code)} More",
        f"REF: {code}",
    ):
        assert lines_in(quoted) == (code,)


@given(codes, st.integers(1, 7))
def test_a_truncated_or_longer_one_is_none(code, cut):
    for written in (code[:-cut], code + "0" * cut):
        assert tags_in(f"Re: [#{written}]") == ()
    assert lines_in(f"Ref {code[:-cut]}") == ()
    assert lines_in(f"Ref {code}{'0' * cut}") == ()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("[#7K3M9Q2C]", "7k3m9q2c"),
        ("[#7k3m-9q2c]", "7k3m9q2c"),
        ("[# 7k3m 9q2c ]", "7k3m9q2c"),
        ("[#7k3m.9q2c]", "7k3m9q2c"),
        ("[#OoIiLl00]", "00111100"),
        ("[#7k3m9q2u]", None),  # u is no sign of ours
        ("[#7k3m/9q2c]", None),
        ("[7k3m9q2c]", None),
        ("#7k3m9q2c", None),
        ("[#7k3m9q2\u212a]", None),  # the Kelvin sign is no k
    ],
)
def test_only_the_defined_look_alikes_are_undone(written, code):
    assert tags_in(f"Re: news {written}") == ((code,) if code else ())


def test_people_read_a_subject_without_its_tags():
    assert without_tags("Re: News [#7k3m9q2c] of Friday [#00000000]") == "Re: News of Friday"
    assert without_tags("Re:  our #1  choice") == "Re: our #1 choice"
    assert without_tags("Re:  as it was") == "Re:  as it was"
