"""Whoever writes, whatever comes along, whatever is said: what must hold of identity and filing, over whole schools.

What is right is worked out from the school's ties (generated_schools.py), never asked of the program.
"""

import re
from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest

from inbox.authentication import Vouched
from inbox.evidence import Source, candidates, children_gone, collect
from inbox.match import Lead, Match, Standing, leads, match
from inbox.names import fold
from inbox.route import Case, Decision, Policy, State, decide
from inbox.trim.spans import Span, SpanKind, Trimmed
from inbox.words import built_in
from tests.inbox.generated_schools import GIVEN, TITLES, SmallSchool, carriers_of, owner, school_of
from tests.inbox.letters import ACCEPT, NOW, TODAY

WORDS = built_in()
SAID = (
    *GIVEN,
    *TITLES,
    *("is ill", "comes later", "has a cold", "needs boots", "forgot a bag", "music", "thanks", "?"),
)


@dataclass(frozen=True)
class Written:
    """One mail at one school, matched and decided."""

    school: SmallSchool
    address: str
    vouched: Vouched
    held: tuple[Lead, ...]
    text: str
    matched: Match
    case: Case | None
    decision: Decision | None

    @property
    def signed(self) -> tuple[Lead, ...]:
        return tuple(lead for lead in self.held if lead.carrier.place != "subject")

    @property
    def author(self) -> str:
        return self.matched.author.guardian.id if self.matched.author else ""


def mail_of(luck: Random) -> Written:
    school = school_of(luck)
    held = leads(carriers_of(school, luck), school, NOW, ACCEPT)
    address = luck.choice(school.addresses)
    if held and owner(held[0]) and luck.random() < 0.6:
        address = school.guardians[owner(held[0])].address  # her own letter
    elif luck.random() < 0.6:
        address = luck.choice(list(school.guardians.values())).address
    vouched = luck.choice((Vouched.OK, Vouched.OK, Vouched.NONE, Vouched.BAD))
    matched = match(address, held, vouched, school, TODAY)
    trimmed = words_of(school, luck)
    policy = Policy(single_strong=luck.choice(("file", "file", "ask")), may_tell=luck.random() < 0.8)
    case = case_of(matched, trimmed, policy) if matched.author else None
    decision = decide(case) if case else None
    return Written(school, address, vouched, held, trimmed.body, matched, case, decision)


def words_of(school: SmallSchool, luck: Random) -> Trimmed:
    spans, body = [], ""
    for _ in range(luck.choice((1, 1, 2))):
        hers = luck.choice(list(school.children.values())).given_name
        text = " ".join(luck.choices((*SAID, hers, hers), k=luck.randint(0, 3))) + "\n"
        if luck.random() < 0.4:
            text = f"Dear Ms {luck.choice(list(school.teachers.values())).family_name},\n{text}"
        after = luck.choice((None, None, 1, 2, 3))
        spans.append(Span(start=len(body), end=len(body) + len(text), kind=SpanKind.NEW, after_section=after))
        body += text
    return Trimmed(body=body, spans=tuple(spans))


def case_of(matched: Match, trimmed: Trimmed, policy: Policy) -> Case:
    places = candidates(matched.author, matched.leads)
    source = Source(author=matched.author, leads=matched.leads, trimmed=trimmed, everyday=WORDS.everyday)
    return Case(
        standing=matched.standing,
        candidates=places,
        evidence=collect(source, places),
        trimmed=trimmed,
        attachments=0,
        words=WORDS,
        policy=policy,
        legal_flag=any(taught.barred for taught in matched.author.children),
        children_gone=children_gone(matched.author, matched.leads, places),
    )


@pytest.fixture(
    scope="module", params=[4_000, pytest.param(60_000, marks=[pytest.mark.nightly, pytest.mark.timeout(3_600)])]
)
def mails(request) -> list[Written]:
    return [mail_of(Random(f"routing-{number}")) for number in range(request.param)]


def test_an_author_is_who_the_address_and_her_own_letter_say(mails):
    """S3: never by the address alone, never by another family's letter, never against a failed check."""
    for mail in mails:
        if not mail.author:
            continue
        school, guardian = mail.school, mail.matched.author.guardian
        assert guardian.address == mail.address
        assert mail.vouched is not Vouched.BAD
        owners = {owner(lead) for lead in mail.signed}
        kin = {held for held in owners if held and school.hears(held) & school.hears(mail.author)}
        match mail.matched.standing:
            case Standing.TOKEN:
                assert mail.author in owners
            case Standing.FAMILY:
                assert kin
            case Standing.VOUCHED:
                assert mail.vouched is Vouched.OK
                named = {owner(lead) for lead in mail.held} - {""}
                hers = {held for held in named if school.hears(held) & school.hears(mail.author)}
                assert mail.author in named or hers if named else len(school.guardians_at(mail.address)) == 1


def test_two_guardians_of_one_address_are_never_guessed_apart(mails):
    for mail in mails:
        there = {held.id for held in mail.school.guardians_at(mail.address)}
        named = {owner(lead) for lead in mail.held} & there
        if len(there) > 1 and len(named) != 1 and mail.author:
            # No letter of one of them alone came along; then only one of them can be meant by the children shared.
            others = {owner(lead) for lead in mail.held} - {""}
            assert others
            assert [
                one for one in there if any(mail.school.hears(one) & mail.school.hears(held) for held in others)
            ] == [mail.author]


def test_a_stranger_learns_nothing_and_only_the_registered_guardian_is_asked(mails):
    """Privacy rule 4."""
    for mail in mails:
        asked = mail.matched.claim_guardian_id
        if asked:
            owners = {owner(lead) for lead in mail.held}
            assert mail.matched.verdict == "held"
            assert asked in owners or mail.school.guardians[asked].address == mail.address
        known = mail.school.guardians_at(mail.address) or mail.school.teachers_at(mail.address)
        if not known:
            assert not mail.author
            assert mail.matched.teacher is None
            assert mail.matched.verdict in ({"held", "triage"} if mail.signed else {"unmatched"})


def test_a_teacher_answers_only_where_she_is_in_charge_today(mails):
    for mail in mails:
        teacher = mail.matched.teacher
        if teacher is not None:
            assert teacher.address == mail.address
            assert mail.vouched is not Vouched.BAD
            for lead in mail.matched.leads:
                assert teacher.id in mail.school.may_read(lead.conversation.child_id, lead.conversation.role)


def test_filed_only_on_a_child_she_may_hear_about_for_those_who_teach_her(mails):
    """I5, I8."""
    for mail in mails:
        for filing in mail.decision.filings if mail.decision else ():
            child, role = filing.place.key
            assert child in mail.school.hears(mail.author)
            assert {held.id for held in filing.place.teachers} == mail.school.may_read(child, role) != frozenset()


def test_a_barred_guardians_mail_is_the_offices(mails):
    for mail in mails:
        gone = [child for (guardian, child), barred in mail.school.ties.items() if guardian == mail.author and barred]
        if mail.decision and set(gone) & set(mail.school.sits):
            assert mail.decision.state is State.TRIAGE
            assert mail.decision.filings == ()


def test_an_address_the_parent_chose_is_never_overruled_by_words(mails):
    """I7: C1 and C2 lead to their own child, or to a person."""
    for mail in mails:
        if mail.decision is None:
            continue
        chosen = {lead.section.child_id for lead in mail.matched.leads if lead.section}
        chosen |= {lead.conversation.child_id for lead in mail.matched.leads if lead.conversation}
        filed = {filing.place.child.id for filing in mail.decision.filings}
        if chosen and filed:
            assert filed <= chosen


def test_one_name_alone_files_only_where_no_other_could_be_meant(mails):
    """I7 by the words themselves: a mail filed on a name names no other child of hers, and she is told."""
    for mail in mails:
        if mail.decision is None or "single-strong" not in mail.decision.reasons:
            continue
        (filing,) = mail.decision.filings
        said = {fold(word) for word in re.findall(r"\w+", mail.text)}
        hers = {
            child for (guardian, child) in mail.school.ties if guardian == mail.author and child in mail.school.sits
        }
        named = {child for child in hers if fold(mail.school.children[child].given_name) in said}
        assert named == {filing.place.child.id}
        assert (mail.matched.standing, mail.decision.tell) == (Standing.TOKEN, "receipt")
        assert mail.case.policy.may_tell
        assert mail.case.policy.single_strong == "file"


def test_a_teacher_who_picks_the_child_teaches_all_she_may_pick(mails):
    for mail in mails:
        if mail.decision and mail.decision.state is State.CHILD_OPEN:
            picks = mail.decision.suggestions
            audiences = {mail.school.may_read(*pick.place.key) for pick in picks}
            assert len(audiences) == 1
            assert audiences != {frozenset()}
            assert {pick.place.child.id for pick in picks} <= mail.school.hears(mail.author)


def test_the_other_places_of_a_letter_are_no_reason_to_file_on_one_child(mails):
    """I7: "one child" is said only where every child the letter spoke of, and may still be meant, is that one."""
    for mail in mails:
        if mail.decision and "one-child" in mail.decision.reasons and mail.decision.filings:
            spoken = {held.child_id for lead in mail.matched.leads if lead.dispatch for held in lead.dispatch.sections}
            chosen = {lead.section.child_id for lead in mail.matched.leads if lead.section}
            chosen |= {lead.conversation.child_id for lead in mail.matched.leads if lead.conversation}
            assert (chosen or spoken or mail.school.hears(mail.author)) == {
                filing.place.child.id for filing in mail.decision.filings
            }


def test_every_new_word_goes_somewhere_and_none_to_two_children(mails):
    """I9: of a mail filed, the spans together are all there is; only a mere greeting stands with several."""
    for mail in mails:
        if mail.decision is None or not mail.decision.filings:
            continue
        spans = Counter(span for filing in mail.decision.filings for span in filing.spans)
        spoken = {(s.start, s.end) for s in mail.case.trimmed.spans if mail.case.trimmed.body[s.start : s.end].strip()}
        assert spoken <= set(spans)
        for (start, end), times in spans.items():
            said = mail.case.trimmed.body[start:end]
            assert times == 1 or WORDS.only_thanks(said) or not said.strip()


ENDS = {
    "her own letter": lambda mail: mail.matched.standing is Standing.TOKEN and mail.decision.state is State.FILED,
    "the other parent's": lambda mail: mail.matched.standing is Standing.FAMILY and mail.decision.state is State.FILED,
    "vouched": lambda mail: mail.matched.standing is Standing.VOUCHED and mail.decision.state is State.FILED,
    "by a tag": lambda mail: mail.matched.standing is Standing.VOUCHED and mail.held and mail.decision.filings,
    "shared": lambda mail: mail.matched.reason == "several-authors",
    "forwarded": lambda mail: mail.matched.reason == "token-of-another-family",
    "teacher": lambda mail: mail.matched.teacher is not None,
    "former teacher": lambda mail: mail.matched.reason == "teacher-no-longer-in-charge",
    "one name": lambda mail: mail.decision and "single-strong" in mail.decision.reasons,
    "two signs": lambda mail: mail.decision and mail.decision.filings and {"C5", "C6"} <= set(mail.decision.reasons),
    "barred": lambda mail: mail.decision and "legal-flag" in mail.decision.reasons,
    "open": lambda mail: mail.decision and mail.decision.state is State.CHILD_OPEN,
    "asked": lambda mail: mail.decision and mail.decision.tell == "ask",
    "left": lambda mail: mail.decision and "not-entitled-now" in mail.decision.reasons,
    "nobody teaches": lambda mail: mail.decision and "no-teacher-now" in mail.decision.reasons,
    "one child": lambda mail: mail.decision and "one-child" in mail.decision.reasons,
    "split": lambda mail: mail.decision and "split" in mail.decision.reasons,
    "claim": lambda mail: mail.matched.claim_guardian_id and mail.school.guardians_at(mail.address),
    "failed": lambda mail: mail.matched.reason == "author-failed-authentication",
}


@pytest.mark.parametrize("end", ENDS)
def test_the_generated_mails_come_to_every_end(mails, end):
    """Otherwise what is shown above may be shown of nothing."""
    assert sum(bool(ENDS[end](mail)) for mail in mails) >= 5
