"""Every rule of routing, and what holds for any mail whatever: nothing is filed but for a listed reason."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.evidence import Source, candidates, children_gone, collect
from inbox.match import Lead, Standing
from inbox.route import RULES, Case, Policy, State, decide
from inbox.trim.spans import Span, SpanKind, Trimmed
from inbox.words import built_in
from school.audience import Addressee
from school.people import Child, Teacher
from school.reply_address import TokenKind
from tests.inbox.letters import (
    COLE,
    HORN,
    IDA,
    IDAS,
    K3B,
    K5A,
    LEO,
    LEOS,
    MIA,
    MIAS_LETTER,
    MUSIC,
    RUIZ,
    TALK,
    carrier,
    desk,
    letter,
    taught,
)

WORDS = built_in()
NEW, QUOTED = SpanKind.NEW, SpanKind.QUOTED
MIA_TODAY = Addressee(guardian=MIA, children=(IDAS, LEOS))
ONLY_IDA = Addressee(guardian=MIA, children=(IDAS,))
TWINS = Addressee(guardian=MIA, children=(taught(IDA, *LEOS.desks), LEOS))
NO_CLASS_FOR_IDA = Addressee(guardian=MIA, children=(taught(IDA), LEOS))
NO_TEACHER_FOR_IDA = Addressee(guardian=MIA, children=(taught(IDA, desk(K5A, "class")), LEOS))
NOBODY_NOW = Addressee(guardian=MIA, children=(taught(LEO, desk(K3B, "class")),))
PLAIN = Lead(carrier=carrier(TokenKind.DISPATCH, 3), guardian_id=MIA.id, dispatch=MIAS_LETTER)
SECTIONS = tuple(
    replace(PLAIN, carrier=carrier(TokenKind.SECTION, 3, held.ordinal), section=held) for held in MIAS_LETTER.sections
)
TO_IDA, TO_MUSIC, TO_LEO = SECTIONS
ONE = replace(PLAIN, dispatch=letter(4, MIA, (LEO, K3B, "class")))
TWO_OF_IDA = replace(PLAIN, dispatch=letter(6, MIA, (IDA, K5A, "class"), (IDA, MUSIC, "music")))
THREAD = Lead(
    carrier=carrier(TokenKind.THREAD, 91),
    guardian_id=MIA.id,
    conversation=replace(TALK, guardian_id=MIA.id, child_id=LEO.id),
)
UNDER_IDA, UNDER_MUSIC, UNDER_LEO = 1, 2, 3
DARE = Teacher(id="t-dare", given_name="Tom", family_name="Dare", address="dare@school.test")
TOKEN_ONLY = replace(PLAIN, dispatch=replace(MIAS_LETTER, sections=()))


def trimmed(*pieces) -> Trimmed:
    spans, body = [], ""
    for piece in pieces:
        text, kind, after = piece if isinstance(piece, tuple) else (piece, NEW, None)
        spans.append(Span(start=len(body), end=len(body) + len(text), kind=kind, after_section=after))
        body += text
    return Trimmed(body=body, spans=tuple(spans))


def case(*pieces, leads=(PLAIN,), author=MIA_TODAY, standing=Standing.TOKEN, policy=None, **more) -> Case:
    body = trimmed(*pieces)
    places = candidates(author, leads)
    source = Source(author=author, leads=leads, trimmed=body, everyday=WORDS.everyday)
    fields = {
        "standing": standing,
        "candidates": places,
        "evidence": collect(source, places),
        "trimmed": body,
        "attachments": 0,
        "words": WORDS,
        "policy": policy or Policy(),
        "legal_flag": any(held.barred for held in author.children),
        "children_gone": children_gone(author, leads, places),
    }
    return Case(**(fields | more))


def split(*pieces: tuple[str, int | None]):
    """Answers under quoted sections: (words, number of the section right above)."""
    for text, after in pieces:
        if after:
            yield ("> quoted\n", QUOTED, None)
        yield (f"{text}\n", NEW, after)


def went(decided: Case):
    decision = decide(decided)
    filed = [(filing.place.child.id, filing.place.role) for filing in decision.filings]
    return decision.state, decision.reasons[0], filed


I_CLASS, I_MUSIC, L_CLASS = (IDA.id, "class"), (IDA.id, "music"), (LEO.id, "class")


@pytest.mark.parametrize(
    ("decided", "state", "reason", "filed"),
    [
        # row 1: the office always
        (case("the police came", leads=(TO_LEO,)), "triage", "safeguarding", []),
        (case("ok", subject="court order", fresh=True, leads=(TO_LEO,)), "triage", "safeguarding", []),
        (case("ok fine", subject="court order", leads=(TO_LEO,)), "filed", "C1", [L_CLASS]),
        (case("ok", leads=(TO_LEO,), legal_flag=True), "triage", "legal-flag", []),
        (case("Leo starts insulin"), "triage", "health", []),
        (case("Leo starts insulin", leads=(TO_LEO,)), "filed", "C1", [L_CLASS]),
        (case("Leo's picture", attachments=1), "triage", "attachment-several-children", []),
        (case("picture", attachments=1, leads=(TO_IDA, TO_LEO)), "triage", "attachment-several-children", []),
        (case("picture", attachments=1, leads=(TO_LEO,)), "filed", "C1", [L_CLASS]),
        (case("picture", attachments=1, author=ONLY_IDA, leads=()), "filed", "one-child", [I_CLASS]),
        # a wish about the letters; nothing said
        (case("unsubscribe", leads=(TO_LEO,)), "asked", "preference", []),
        (case("", subject="unsubscribe"), "asked", "preference", []),
        (case("Leo is ill", subject="unsubscribe"), "filed", "single-strong", [L_CLASS]),
        (case("stop", policy=Policy(may_tell=False)), "triage", "preference", []),
        (case(""), "triage", "empty", []),
        (case("", leads=(TO_LEO,)), "triage", "empty", []),
        (case("", leads=(TO_LEO,), attachments=1), "filed", "C1", [L_CLASS]),
        (case("", attachments=1, author=ONLY_IDA, leads=()), "triage", "empty", []),
        # row 2: an address
        (case("All well", leads=(TO_IDA,)), "filed", "C1", [I_CLASS]),
        (case("All well", leads=(TO_MUSIC,)), "filed", "C1", [I_MUSIC]),
        (case("Leo is ill", leads=(TO_IDA,)), "filed", "C1", [I_CLASS]),
        (case("All well", leads=(THREAD,)), "filed", "C2", [L_CLASS]),
        (case("All well", leads=(THREAD, PLAIN)), "filed", "C2", [L_CLASS]),
        (case("All well", leads=(ONE,)), "filed", "C3", [L_CLASS]),
        (case("Thank you!", leads=(ONE,)), "filed", "C3", [L_CLASS]),
        (case("All well", leads=(TO_LEO,), author=ONLY_IDA), "triage", "not-entitled-now", []),
        (case("All well", leads=(TO_LEO,), author=NOBODY_NOW), "triage", "no-teacher-now", []),
        # two addresses
        (case("All well", leads=(TO_IDA, TO_LEO)), "triage", "conflicting-addresses", []),
        (case("Leo, Dear Ms Horn,\nLeo is ill", leads=(TO_IDA, TO_LEO)), "triage", "conflicting-addresses", []),
        (case(*split(("a b", 1), ("c d", 3)), leads=(TO_IDA, TO_LEO)), "filed", "split", [I_CLASS, L_CLASS]),
        (case("All well", leads=(TO_IDA, TO_MUSIC)), "filed", "one-child", [I_CLASS]),
        (case("Dear Mr Cole,\nok then", leads=(TO_IDA, TO_MUSIC)), "filed", "one-child", [I_MUSIC]),
        # row 2: two strong signs
        (case("Dear Ms Horn,\nLeo is ill"), "filed", "C5", [L_CLASS]),
        (case("Dear Mr Cole,\nIda sings"), "filed", "C5", [I_MUSIC]),
        (case(*split(("Leo found one", 3))), "filed", "C4", [L_CLASS]),
        (case("Dear Ms Horn,\nIda is ill"), "triage", "several-children", []),
        (case("Dear Ms Horn,\nLeo and Ida are ill"), "asked", "unsure", []),
        (case("Dear Ms Horn,\nLeo is ill, so tell Ms Ruiz"), "asked", "unsure", []),
        # row 4: split
        (case(*split(("a river", 1), ("a bridge", 3))), "filed", "split", [I_CLASS, L_CLASS]),
        (case(*split(("Thanks!", None), ("a river", 1), ("a bridge", 3))), "filed", "split", [I_CLASS, L_CLASS]),
        (case(*split(("a river", 1), ("a song", 2))), "filed", "split", [I_CLASS, I_MUSIC]),
        (case(*split(("All are ill", None), ("a river", 1), ("a bridge", 3))), "triage", "several-children", []),
        (
            case(*split(("a river", 1), ("a bridge", 3)), author=NO_TEACHER_FOR_IDA),
            "triage",
            "several-children",
            [],
        ),  # half of it would be nobody's
        (case(*split(("a river", 1), ("Ida too", 3))), "triage", "several-children", []),
        # row 3: one child
        (case("All well", author=ONLY_IDA, leads=()), "filed", "one-child", [I_CLASS]),
        (case("About the music", author=ONLY_IDA, leads=()), "filed", "one-child", [I_MUSIC]),
        (case("All well", author=NOBODY_NOW, leads=()), "triage", "no-teacher-now", []),
        (case("All well", author=ONLY_IDA), "triage", "several-children", []),  # the letter spoke of Leo as well
        (
            case("All well", leads=(TWO_OF_IDA,)),
            "filed",
            "one-child",
            [I_CLASS],
        ),  # her letter, whatever siblings she has
        (case("All well", author=NO_CLASS_FOR_IDA, leads=()), "triage", "several-children", []),  # or of Ida
        # rows 5 and 6
        (case("All well", author=TWINS, leads=()), "child_open", "same-teacher", []),
        (case("Thank you!", author=TWINS, leads=()), "courtesy", "courtesy", []),
        (case("Leo is ill", author=TWINS, leads=()), "filed", "single-strong", [L_CLASS]),
        (case("Thank you!"), "courtesy", "courtesy", []),
        (case("Thank you! " * 5), "triage", "several-children", []),
        (case("Thanks, ok?"), "triage", "several-children", []),
        # row 7: one name
        (case("Leo is ill"), "filed", "single-strong", [L_CLASS]),
        (case("Ida is ill"), "filed", "single-strong", [I_CLASS]),
        (case("Leo is ill, 5A knows"), "triage", "several-children", []),
        (case("Leo is ill, as is Ida's friend"), "triage", "several-children", []),
        (case("Ida is ill", policy=Policy(may_tell=False)), "triage", "unsure", []),
        # row 8: ask
        (case("Leo is ill", policy=Policy(single_strong="ask")), "asked", "unsure", []),
        (case("Leo is ill", standing=Standing.VOUCHED, leads=()), "asked", "unsure", []),
        (case("Leo is ill", standing=Standing.FAMILY), "asked", "unsure", []),
        (case("About the music"), "asked", "unsure", []),
        (case("Dear Ms Horn,\nall well"), "asked", "unsure", []),
        (case(*split(("a bridge", 3))), "asked", "unsure", []),
        # row 9
        (case("All well"), "triage", "several-children", []),
        (case("Leo and Ida are ill"), "triage", "several-children", []),
        (case("All well", author=Addressee(guardian=MIA, children=()), leads=()), "triage", "no-child", []),
    ],
)
def test_the_rows_of_the_table(decided, state, reason, filed):
    assert went(decided) == (state, reason, filed)


def test_addresses_of_two_children_and_words_under_another_ones_section_are_a_persons():
    noa = Child(id="c-noa", given_name="Noa", family_name="Berg")
    author = Addressee(guardian=MIA, children=(*MIA_TODAY.children, taught(noa, desk(K3B, "class", HORN))))
    dispatch = letter(5, MIA, (IDA, K5A, "class"), (LEO, K3B, "class"), (noa, K3B, "class"))
    to_ida, to_leo, _ = (
        replace(PLAIN, dispatch=dispatch, carrier=carrier(TokenKind.SECTION, 5, held.ordinal), section=held)
        for held in dispatch.sections
    )

    assert went(case("Noa is ill", author=author)) == ("triage", "several-children", [])  # no section of that letter's

    def under(*sections: int):
        return went(case(*split(*(("a river", number) for number in sections)), leads=(to_ida, to_leo), author=author))

    assert under(1, 2) == ("filed", "split", [I_CLASS, L_CLASS])
    assert under(1, 3) == under(2, 3) == under(1, 2, 3) == ("triage", "conflicting-addresses", [])


# Leo and Ida sit in one class; Ida alone has music with Mr Cole.
ONE_CLASS = Addressee(guardian=MIA, children=(taught(IDA, desk(K3B, "class", HORN), desk(MUSIC, "music", COLE)), LEOS))
# Both have music with Mr Cole, and Leo's class has two teachers.
BOTH_SING = Addressee(
    guardian=MIA,
    children=(IDAS, taught(LEO, desk(K3B, "class", HORN, DARE), desk(MUSIC, "music", COLE))),
)


# The second teacher of Leo's class has Ida for music.
DARE_TOO = Addressee(
    guardian=MIA,
    children=(
        taught(IDA, desk(K5A, "class", RUIZ), desk(MUSIC, "music", DARE)),
        taught(LEO, desk(K3B, "class", HORN, DARE)),
    ),
)


@pytest.mark.parametrize(
    ("words", "author", "state", "filed"),
    [
        # A teacher of the sibling's other desk: a colleague who teaches both of them must not hide that.
        ("Leo is ill, please tell Mr Cole", ONE_CLASS, "asked", []),
        ("Leo is ill, please tell Ms Horn", ONE_CLASS, "filed", [L_CLASS]),
        ("Leo of 3B is ill", ONE_CLASS, "filed", [L_CLASS]),
        ("Leo is ill and misses Music", ONE_CLASS, "triage", []),
        # A bent form of the sibling's name is surely nothing to file on, and may be her all the same.
        ("Leo is ill, and Idas book is lost", ONE_CLASS, "asked", []),
        ("Leo is ill, and Idas book is lost", BOTH_SING, "asked", []),
        # What both children have points to neither.
        ("Leo is ill and misses Music", BOTH_SING, "filed", [L_CLASS]),
        ("Leo is ill, Mr Cole knows", BOTH_SING, "filed", [L_CLASS]),
        ("Leo is ill, Mr Dare knows", BOTH_SING, "filed", [L_CLASS]),
        ("Leo is ill, Mr Dare knows", DARE_TOO, "filed", [L_CLASS]),
        ("Leo is ill, Ms Ruiz knows", BOTH_SING, "asked", []),
        ("Leo is ill, 5A knows", BOTH_SING, "triage", []),
    ],
)
def test_what_points_elsewhere_blocks_one_name_and_what_does_not(words, author, state, filed):
    """N1: the teacher, the class, the subject of the other child alone."""
    decided = case(words, author=author, leads=(TOKEN_ONLY,))

    assert [went(decided)[0], went(decided)[2]] == [state, filed]


def with_lines(ida: tuple[str, ...], music: tuple[str, ...], leo: tuple[str, ...]) -> Lead:
    """Mia's letter, with the lines that tell its sections."""
    sections = (
        replace(held, fingerprints=lines) for held, lines in zip(MIAS_LETTER.sections, (ida, music, leo), strict=True)
    )
    return replace(PLAIN, dispatch=replace(MIAS_LETTER, sections=tuple(sections)))


TITLES = with_lines(("Down at the river",), ("Choir evening", "We sing by the river."), ("Bridges we know",))


@pytest.mark.parametrize(
    ("words", "state", "child"),
    [
        ("We loved the bridges we know!", "asked", LEO.id),  # a title hints, and never files by itself
        ("She cannot come to the CHOIR EVENING", "asked", IDA.id),
        ("Leo is ill", "filed", LEO.id),
        ("Leo is ill, sorry about the Bridges we know", "filed", LEO.id),
        ("Leo is ill and misses the choir evening", "triage", ""),  # N1: only Ida's section says that
        ("Bridges we know and the choir evening", "triage", ""),
        ("A bridge, an evening", "triage", ""),
    ],
)
def test_a_line_of_one_section_is_a_hint_and_points_elsewhere(words, state, child):
    decision = decide(case(words, leads=(TITLES,)))

    assert decision.state == state
    where = [filing.place.child.id for filing in decision.filings] or [
        held.place.child.id for held in decision.suggestions
    ]
    assert not child or where[0] == child


def test_with_one_child_a_title_names_the_subject_teacher():
    letter_of_ida = replace(MIAS_LETTER, sections=TITLES.dispatch.sections[:2])
    decided = case("About the choir evening", author=ONLY_IDA, leads=(replace(TITLES, dispatch=letter_of_ida),))

    assert went(decided) == ("filed", "one-child", [I_MUSIC])


def test_a_line_that_another_section_mentions_says_nothing():
    shared = with_lines(("The river walk",), (), ("Bring boots for the river walk on Friday.",))

    assert decide(case("About the river walk", leads=(shared,))).reasons == ("several-children",)


def test_a_siblings_name_beside_a_chosen_address_is_flagged():
    assert "mentions-sibling" in decide(case("Leo is ill", leads=(TO_IDA,))).reasons
    assert "mentions-sibling" not in decide(case("Ida is ill", leads=(TO_IDA,))).reasons
    assert "mentions-sibling" not in decide(case("5A and Ms Ruiz know it", leads=(TO_LEO,))).reasons


def test_a_split_gives_each_teacher_the_greeting_and_her_own_part():
    decided = case(*split(("Thanks!", None), ("a river", 1), ("a bridge", 3)))

    texts = [
        "".join(decided.trimmed.body[start:end] for start, end in filing.spans) for filing in decide(decided).filings
    ]

    assert texts == ["Thanks!\na river\n", "Thanks!\na bridge\n"]


def test_a_childs_name_under_her_own_section_does_not_hinder_the_split():
    named = case(*split(("Ida saw the river", 1), ("Leo built a bridge", 3)))

    assert went(named) == ("filed", "split", [I_CLASS, L_CLASS])


def test_a_question_suggests_the_likely_child_first():
    decision = decide(case("Leo is ill", policy=Policy(single_strong="ask")))

    assert [held.place.child.id for held in decision.suggestions] == [LEO.id, IDA.id, IDA.id]


# ---- whatever the mail ----

MORE = ["unsubscribe", "insulin", "", "?", "the bridge", "Idas", "hello"]
TEXTS = st.sampled_from(
    [
        "Leo",
        "Ida",
        "is ill",
        "Dear Ms Horn,\n",
        "Dear Mr Cole,\n",
        "Ms Ruiz",
        "5A",
        "3B",
        "music",
        "thanks",
        "police",
        *MORE,
    ]
)
PIECES = st.lists(
    st.tuples(
        st.lists(TEXTS, max_size=4).map(lambda words: " ".join(words) + "\n"),
        st.sampled_from([NEW, NEW, QUOTED, SpanKind.SIGNATURE]),
        st.sampled_from([None, None, 1, 2, 3, 7]),
    ),
    max_size=5,
)
AUTHORS = st.sampled_from(
    [
        MIA_TODAY,
        ONLY_IDA,
        TWINS,
        NOBODY_NOW,
        Addressee(guardian=MIA, children=()),
        Addressee(guardian=MIA, children=(taught(IDA, *IDAS.desks, barred=True), LEOS)),
        Addressee(guardian=MIA, children=(taught(IDA), LEOS)),
        Addressee(guardian=MIA, children=(taught(IDA, desk(K3B, "class", HORN, RUIZ)), LEOS)),
        Addressee(guardian=MIA, children=(taught(LEO, desk(K3B, "class", COLE)), IDAS)),
    ]
)
LEADS = st.lists(st.sampled_from([PLAIN, *SECTIONS, ONE, THREAD]), max_size=3, unique=True).map(tuple)


@st.composite
def cases(draw) -> Case:
    return case(
        *draw(PIECES),
        leads=draw(LEADS),
        author=draw(AUTHORS),
        standing=draw(st.sampled_from(Standing)),
        policy=Policy(
            single_strong=draw(st.sampled_from(["file", "ask"])),
            may_tell=draw(st.booleans()),
        ),
        attachments=draw(st.sampled_from([0, 0, 1])),
        subject=draw(st.sampled_from(["", "Re: news", "unsubscribe", "police"])),
        fresh=draw(st.booleans()),
    )


@given(cases())
@settings(max_examples=150, deadline=None)
def test_the_same_case_has_the_same_decision(decided):
    assert decide(decided) == decide(replace(decided))


@given(cases())
@settings(max_examples=600, deadline=None)
def test_filed_only_for_a_listed_reason_to_those_who_teach_the_child(decided):
    """I5, I7, I8."""
    decision = decide(decided)
    if decision.state is not State.FILED:
        assert decision.filings == ()
        return
    assert decision.filings
    for filing in decision.filings:
        assert filing.place in decided.candidates
        assert filing.place.teachers
    assert _listed(decided, decision), decision.reasons


def _listed(decided: Case, decision) -> bool:
    reasons = set(decision.reasons)
    children = {filing.place.child.id for filing in decision.filings}
    addressed = decided.addressed
    if reasons & {"C1", "C2", "C3"}:
        return {child for child, _ in addressed} == children
    if "split" in reasons:
        under = {found.span: found.child_id for found in decided.of(*[sign for sign in SIGNS if sign.value == "C4"])}
        spoken = [
            number
            for number, span in enumerate(decided.trimmed.spans)
            if span.kind is NEW and decided.trimmed.body[span.start : span.end].strip()
        ]
        return all(
            number in under
            or WORDS.only_thanks(
                decided.trimmed.body[decided.trimmed.spans[number].start : decided.trimmed.spans[number].end]
            )
            for number in spoken
        )
    if "one-child" in reasons:
        return {place.child.id for place in decided.candidates} == children and not decided.children_gone
    contrary = {found.child_id for found in decided.evidence if found.sign.value == "N1" and found.place == "child"}
    if contrary - children:
        return False
    if "single-strong" in reasons:
        return decision.tell == "receipt" and decided.policy.may_tell and decided.standing is Standing.TOKEN
    strong = {found.sign for found in decided.evidence if found.strength.value == "strong"}
    return len(strong) >= 2 and {found.child_id for found in decided.evidence if found.sign in strong} == children


SIGNS = {found.sign for found in case("Leo", *split(("x", 1))).evidence}


@given(cases())
@settings(max_examples=150, deadline=None)
def test_a_teacher_gets_new_words_only(decided):
    """I6: nothing quoted, no signature."""
    new = {(span.start, span.end) for span in decided.trimmed.spans if span.kind is NEW}

    assert all(set(filing.spans) <= new for filing in decide(decided).filings)


@given(cases())
@settings(max_examples=150, deadline=None)
def test_what_the_office_alone_may_read_is_never_filed(decided):
    if WORDS.safeguards(decided.trimmed.new_text) or decided.legal_flag:
        assert decide(decided).state is State.TRIAGE


@given(cases())
@settings(max_examples=150, deadline=None)
def test_where_nothing_may_be_told_nothing_is(decided):
    silent = replace(decided, policy=replace(decided.policy, may_tell=False))

    decision = decide(silent)

    assert decision.tell == ""
    assert decision.state is not State.ASKED


def test_the_last_rule_always_decides():
    assert RULES[-1](case("")) is not None
