"""Compares what the script expects with what the program did: the outcome, the record, and who can see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from office.demo.reading import words_in
from office.demo.script import Mail
from office.wiring import House
from school.filing import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """One mail of the demo, and where it went."""

    mail: Mail
    kind: str
    state: str
    reasons: tuple[str, ...]
    where: str  #: "Wren, class: t-osei" for a filing; the state otherwise
    problems: tuple[str, ...]  #: empty = it is where it should be


def check(mails: Sequence[Mail], outcomes: Iterable[Outcome], seen_by: Mapping[str, frozenset[str]]) -> list[Checked]:
    """Every mail with its problems; a mail without exactly one outcome is a problem, too. *seen_by*: see `readers`."""
    by_id: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_id.setdefault(outcome.message_id, []).append(outcome)
    return [_check_one(mail, by_id.get(mail.message_id, []), seen_by) for mail in mails]


def readers(house: House, today: date) -> dict[str, frozenset[str]]:
    """{words of a message: the teachers who may read it today}."""
    allowed = {teacher.id: house.people.taught_by(teacher.id, today) for teacher in house.people.roster().teachers}
    found: dict[str, frozenset[str]] = {}
    for talk in house.conversations.listing(today=today):
        mine = frozenset(teacher for teacher, held in allowed.items() if (talk.child_id, talk.role) in held)
        for message in talk.messages:
            found[plain(message.text)] = found.get(plain(message.text), frozenset()) | mine
    return found


def digest_problems(mails: Iterable[Checked], digests: Mapping[str, bytes]) -> list[str]:
    """Families' words that stand in the wrong digest, or in none. *digests* is {teacher id: raw digest}."""
    shown = {teacher: words_in(raw) for teacher, raw in digests.items()}
    problems = []
    for checked in mails:
        words = plain(checked.mail.expected.text)
        if not words or checked.mail.expected.kind != "human":
            continue
        shows = checked.state in {"filed", "child_open"}
        expected = checked.mail.expected.teacher_ids if shows else frozenset()
        found = frozenset(teacher for teacher, text in shown.items() if words in text)
        if found != expected:
            problems.append(
                f"{checked.mail.what} from {checked.mail.author_id}: stands in the digests of "
                f"{_named(found)}, expected {_named(expected)}"
            )
    return problems


def plain(text: str) -> str:
    return " ".join(text.split())


def _check_one(mail: Mail, outcomes: list[Outcome], seen_by: Mapping[str, frozenset[str]]) -> Checked:
    if len(outcomes) != 1:
        problem = f"{len(outcomes)} outcomes instead of one"
        return Checked(mail=mail, kind="", state="lost", reasons=(), where="", problems=(problem,))
    outcome, expected = outcomes[0], mail.expected
    problems = (
        [f"state {outcome.state}, expected {_named(expected.states)}"] if outcome.state not in expected.states else []
    )
    if expected.kind and outcome.kind != expected.kind:
        problems.append(f"kind {outcome.kind}, expected {expected.kind}")
    if outcome.state == "filed":
        problems += _filing_problems(mail, outcome)
    may_read = expected.teacher_ids if outcome.state == "filed" else frozenset()
    do_read = seen_by.get(plain(expected.text), frozenset())
    if expected.text and do_read != may_read:
        problems.append(f"read by {_named(do_read)}, expected {_named(may_read)}")
    return Checked(
        mail=mail,
        kind=outcome.kind,
        state=outcome.state,
        reasons=outcome.reasons,
        where=", ".join(f"{filing.child_id} · {filing.role}" for filing in outcome.filings) or outcome.state,
        problems=tuple(problems),
    )


def _filing_problems(mail: Mail, outcome: Outcome) -> list[str]:
    expected = mail.expected
    places = [(filing.child_id, filing.role) for filing in outcome.filings]
    if places != [(expected.child_id, expected.role)]:
        return [f"filed under {places}, expected {expected.child_id}, {expected.role}"]
    problems = []
    if plain(outcome.filings[0].text) != plain(expected.text):
        problems.append(f"the words are {outcome.filings[0].text!r}, expected {expected.text!r}")
    if frozenset(outcome.filings[0].teacher_ids) != expected.teacher_ids:
        problems.append(f"given to {_named(outcome.filings[0].teacher_ids)}, expected {_named(expected.teacher_ids)}")
    return problems


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nobody"
