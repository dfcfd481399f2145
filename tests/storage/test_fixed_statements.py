"""What the fixed statements write is what the tables read: every column, on both engines, whatever signs are in it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest

from school.choice import Choice, Deed
from school.delivery import Delivery
from school.filing import Filing, Outcome, Seen, Suggested
from school.issue import Skipped
from school.letter import Dispatch, DispatchSection, LetterKind
from school.roster.read import read_roster
from storage import tables
from storage.choices import ChoiceStore
from storage.conversations import ConversationStore
from storage.outbox import Outbox
from storage.people import PeopleStore
from storage.spool import SpoolStore
from tests.storage.outbox_letters import dispatch, letter

ROSTER = Path(__file__).parents[1] / "rosters" / "novak_berg"
DAY = date(2026, 11, 27)
NOON = datetime(2026, 11, 27, 12, 0, 0, 123456, tzinfo=UTC)
ODD = """100 % of "it's" — ¿sí? %s ? :x \\ 谢谢 🙏"""


@pytest.fixture
def talks(database) -> ConversationStore:
    people = PeopleStore(database)
    people.save(read_roster({path.name: path.read_bytes() for path in ROSTER.iterdir()}, DAY).roster, DAY)
    return ConversationStore(database, people, count(2**47).__next__)


def kept(database, uid: int = 1) -> int:
    delivery = Delivery(
        account="replies",
        folder=ODD,
        uidvalidity=2**40,
        uid=uid,
        arrived=NOON,
        raw=b"\x00\xff raw",
        envelope_to=("reply+a@school.test", ODD),
    )
    return SpoolStore(database).keep(delivery, NOON)


def columns(row) -> dict[str, object]:
    return dict(row.__data__)


def test_a_delivery_is_kept_with_every_column_a_new_row_has(database):
    spool_id = kept(database)

    row = columns(tables.Spool.get_by_id(spool_id))
    assert row == columns(tables.Spool(**row))
    # What the statement does not take from the delivery is what the table's own defaults say.
    given = {"account", "folder", "uidvalidity", "uid", "arrived", "stored_at", "size", "sha256", "envelope_to"}
    defaults = columns(tables.Spool(**{name: row[name] for name in given}, id=spool_id))
    assert {name: value for name, value in row.items() if value is not None} == defaults
    assert SpoolStore(database).delivery(spool_id) == Delivery(
        account="replies",
        folder=ODD,
        uidvalidity=2**40,
        uid=1,
        arrived=NOON,
        raw=b"\x00\xff raw",
        envelope_to=("reply+a@school.test", ODD),
    )
    with pytest.raises(KeyError):
        SpoolStore(database).delivery(spool_id + 1)


def test_an_outcome_is_written_down_with_every_column(database, talks):
    spool_id = kept(database)
    outcome = Outcome(
        spool_id=spool_id,
        kind="human",
        state="filed",
        reasons=("C1", ODD),
        at=NOON,
        message_id=f"{ODD}@example.org",
        references=("a@example.org", ODD),
        subject=ODD,
        content_key="key",
        author_id="g-mia",
        teacher_id="t-horn",
        filings=(
            Filing(child_id="c-leo", class_id="k-3b", role="class", spans=((0, 9), (12, 14)), text=ODD, teacher_ids=()),
        ),
        suggestions=(Suggested(child_id="c-ida", role="music", why=("name", ODD)),),
        evidence=(Seen(sign="C1", place="to", strength="certain", child_id="c-leo", role="class"),),
        attachments=(ODD,),
    )
    assert talks.record(outcome, NOON)

    spool = tables.Spool.get_by_id(spool_id)
    talk, seen = tables.Conversation.get(), tables.Evidence.get()
    filing, message = tables.Filing.get(), tables.Message.get()
    assert (spool.kind, spool.state, spool.reasons) == ("human", "filed", ["C1", ODD])
    assert (spool.message_id, spool.content_key, spool.finished_at) == (outcome.message_id, "key", NOON)
    assert (spool.author_id, spool.teacher_id) == ("g-mia", "t-horn")
    assert spool.suggestions == [{"child": "c-ida", "role": "music", "why": ["name", ODD]}]
    assert columns(talk) == {
        "id": talk.id,
        "public_id": 2**47,
        "guardian": "g-mia",
        "child": "c-leo",
        "class_id": "k-3b",
        "role": "class",
        "generation": 0,
        "created": NOON,
    }
    assert (seen.spool_id, seen.sign, seen.place, seen.strength) == (spool_id, "C1", "to", "certain")
    assert (seen.child_id, seen.role) == ("c-leo", "class")
    assert columns(filing) == {
        "id": filing.id,
        "spool": spool_id,
        "conversation": talk.id,
        "spans": [[0, 9], [12, 14]],
        "decided_by": "auto",
        "reasons": ["C1", ODD],
        "active": True,
        "created": NOON,
        "ended_at": None,
    }
    assert columns(message) == {
        "id": message.id,
        "conversation": talk.id,
        "author": "guardian",
        "author_id": "g-mia",
        "at": NOON,
        "text": ODD,
        "subject": ODD,
        "message_id": outcome.message_id,
        "references": ["a@example.org", ODD],
        "attachments": [ODD],
        "spool": spool_id,
        "filing": filing.id,
        "active": True,
    }


def test_a_second_mail_goes_on_in_the_same_conversation(database, talks):
    for uid in (1, 2):
        filing = Filing(child_id="c-leo", class_id="k-3b", role="class", spans=(), text=str(uid), teacher_ids=())
        outcome = Outcome(
            spool_id=kept(database, uid),
            kind="human",
            state="filed",
            reasons=(),
            at=NOON,
            message_id="",
            author_id="g-mia",
            filings=(filing,),
        )
        assert talks.record(outcome, NOON)
        assert not talks.record(outcome, NOON)

    (talk,) = talks.listing(today=DAY)
    assert [turn.text for turn in talk.messages] == ["1", "2"]


@pytest.mark.parametrize("sections", [0, 1, 3])
def test_what_a_public_id_meant_is_what_was_planned(database, sections):
    one = letter(1)
    planned: Dispatch = replace(
        dispatch(2**47, one),
        created=NOON,
        sections=tuple(
            DispatchSection(ordinal=number, child_id="c1", class_id=ODD, role="class", fingerprints=("a", ODD))
            for number in range(1, sections + 1)
        ),
        conversation_ids=(3, 1),
        open_mail_ids=(9,),
    )
    outbox = Outbox(database)
    outbox.plan(one.run, one.kind, NOON, [(one, planned)], (), NOON)

    assert outbox.dispatch(2**47) == outbox.dispatch_by_message_id(f"<{one.message_id}>") == planned
    tables.Dispatch.update(revoked_at=NOON).execute()
    assert outbox.dispatch(2**47) == replace(planned, revoked=True)
    assert outbox.dispatch(1) is None


def test_a_planned_letter_is_kept_with_every_column_a_new_row_has(database, talks):
    planned = letter(1, recipient_id="g-eva", child_ids=("c-anna",))
    sections = (
        DispatchSection(
            ordinal=1, child_id="c-anna", class_id="k-3b", role=ODD, fingerprints=(ODD, ""), visible_ref="R"
        ),
        DispatchSection(ordinal=2, child_id="c-anna", class_id="k-3b", role="music"),
    )
    meant = replace(dispatch(2**47, planned), sections=sections, conversation_ids=(1, 2), open_mail_ids=(3,))
    skipped = (Skipped(guardian_id=ODD, reason=ODD),)
    Outbox(database).plan(planned.run, planned.kind, NOON, [(planned, meant)], skipped, NOON)

    row = columns(tables.Letter.get())
    given = {"run", "kind", "recipient_id", "seq", "message_id", "envelope_from", "address", "domain", "sha256"}
    given |= {"size", "child_ids", "priority", "state", "not_before", "expires", "planned_at"}
    defaults = columns(tables.Letter(**{name: row[name] for name in given}, id=row["id"]))
    assert {name: value for name, value in row.items() if value is not None} == defaults
    assert Outbox(database).dispatch(meant.public_id) == meant
    assert columns(tables.Run.get()) == {
        "id": planned.run,
        "kind": planned.kind.value,
        "state": "ready",
        "due": NOON,
        "planned_at": NOON,
    }
    assert [columns(held) for held in tables.SkippedRecipient.select()] == [
        {"run": planned.run, "recipient_id": ODD, "reason": ODD}
    ]
    with pytest.raises(Exception, match=r"(?i)unique"):  # two letters of one id are an error
        Outbox(database).plan("other", planned.kind, NOON, [(replace(planned, run="other"), None)], (), NOON)


def test_however_many_rows_are_written_at_once_all_of_them_are(database, talks):
    for total in (0, 1, 3, 16, 17, 499, 500, 501, 1003):
        rows = tuple(Skipped(guardian_id=f"{total}:{number}", reason="no-address") for number in range(total))
        Outbox(database).plan(f"run:{total}", LetterKind.NEWSLETTER, NOON, (), rows, NOON)

        assert tables.SkippedRecipient.select().where(tables.SkippedRecipient.run == f"run:{total}").count() == total


def test_a_button_is_kept_with_every_column(database, talks):
    spool_id = kept(database)
    button = Choice(
        public_id=2**47 + 1,
        spool_id=spool_id,
        guardian_id="g-eva",
        deed=Deed.FILE,
        expires=NOON,
        child_id="c-anna",
        role=ODD,
        label=ODD,
    )
    bare = Choice(public_id=2**47 + 2, spool_id=spool_id, guardian_id="g-eva", deed=Deed.OFFICE, expires=NOON)
    ChoiceStore(database).add(iter((button, bare)))
    ChoiceStore(database).add(())

    assert ChoiceStore(database).by_public_id(button.public_id) == button
    assert ChoiceStore(database).by_public_id(bare.public_id) == bare
