"""`poll`, `conversations list/show`, `tray list/file/dismiss`."""

from datetime import date
from typing import Any

import click

from office.cli.groups import conversations, program, tray
from office.cli.options import Call, command
from office.jobs.polling import poll as poll_once
from office.jobs.tray import age_tray, file_mail, show_mail
from office.jobs.tray import dismiss as dismiss_mail
from school.conversation import Conversation
from school.errors import InputError
from school.filing import Outcome

# Any in this file: JSON documents.


@command(program, "poll")
def poll(call: Call) -> None:
    """Fetch new mail, store it, file it: one pass. Questions nobody answered in time are the office's then."""
    if not call.house.settings.imap.host:
        click.echo("imap.host is empty: nothing is fetched, only what came through the door is read", err=True)
    age_tray(call.house, call.now)
    polled = poll_once(call.house, call.now)
    call.answer(
        {"fetched": polled.fetched, "outcomes": [outcome_document(outcome) for outcome in polled.outcomes]},
        f"{polled.fetched} fetched, {len(polled.outcomes)} read.",
        *(f"  mail {held.spool_id}: {held.state} ({', '.join(held.reasons)})" for held in polled.outcomes),
    )


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """One outcome as the rehearsal contract writes it."""
    return {
        "spool": outcome.spool_id,
        "message_id": outcome.message_id,
        "kind": outcome.kind,
        "state": outcome.state,
        "reasons": list(outcome.reasons),
        "author": outcome.author_id or None,
        "teacher": outcome.teacher_id or None,
        "filings": [
            {
                "child": filing.child_id,
                "role": filing.role,
                "teachers": list(filing.teacher_ids),
                "text": filing.text,
            }
            for filing in outcome.filings
        ],
    }


@command(conversations, "list")
@click.option("--teacher", help="Exactly what this teacher may see now.")
@click.option("--child", help="Only about this child.")
@click.option("--guardian", help="Only with this guardian.")
def list_(call: Call, teacher: str | None, child: str | None, guardian: str | None) -> None:
    """What families and teachers wrote to each other."""
    found = call.house.conversations.listing(
        today=_today(call), teacher_id=teacher, child_id=child, guardian_id=guardian
    )
    call.answer([conversation_document(call, talk) for talk in found], *(_line(call, talk) for talk in found))


@command(conversations, "show")
@click.argument("number", type=int)
def show(call: Call, number: int) -> None:
    """One conversation, message by message."""
    talk = call.house.conversations.conversation(number)
    if talk is None:
        raise InputError(f"there is no conversation {number}: see 'fridayfolder conversations list'")
    turns = (f"\n{turn.author} {turn.author_id}, {turn.at:%Y-%m-%d %H:%M}\n{turn.text}" for turn in talk.messages)
    call.answer(conversation_document(call, talk), _line(call, talk), *turns)


@command(conversations, "search")
@click.argument("words")
@click.option("--teacher", help="Only what this teacher may see now.")
def search(call: Call, words: str, teacher: str | None) -> None:
    """Messages that hold all WORDS, whatever their case and accents."""
    found = call.house.search.find(words, _today(call), teacher_id=teacher)
    call.answer(
        [
            {
                "conversation": hit.conversation_id,
                "child": hit.child_id,
                "role": hit.role,
                "from": hit.author_id,
                "at": hit.at.isoformat(),
                "text": hit.text,
            }
            for hit in found
        ],
        *(f"{hit.conversation_id}: {hit.at:%Y-%m-%d} {hit.author_id}: {hit.text[:100]}" for hit in found),
    )


def conversation_document(call: Call, talk: Conversation) -> dict[str, Any]:
    """One conversation as the rehearsal contract writes it."""
    teachers = call.house.people.teachers_of(talk.child_id, talk.role, _today(call))
    return {
        "id": talk.id,
        "child": talk.child_id,
        "role": talk.role,
        "guardian": talk.guardian_id,
        "teachers": [teacher.id for teacher in teachers],
        "messages": [
            {
                "from": turn.author_id,
                "author": turn.author,
                "at": turn.at.isoformat(),
                "text": turn.text,
                "message_id": turn.message_id,
            }
            for turn in talk.messages
        ],
    }


def _line(call: Call, talk: Conversation) -> str:
    child = call.house.people.child(talk.child_id)
    guardian = call.house.people.guardian(talk.guardian_id)
    who = f"{guardian.full_name if guardian else talk.guardian_id} about {child.full_name if child else talk.child_id}"
    state = "waits" if talk.waiting else "answered"
    return f"{talk.id}: {who} ({talk.role}), {len(talk.messages)} messages, {state}"


@command(tray, "list")
def list_tray(call: Call) -> None:
    """Mail that needs a person, with suggestions."""
    age_tray(call.house, call.now)  # without the service nobody else does
    waiting = call.house.conversations.tray()
    document = [
        {
            "spool": spool_id,
            "state": state,
            "reasons": list(reasons),
            "suggestions": [{"child": held.child_id, "role": held.role, "why": list(held.why)} for held in suggestions],
        }
        for spool_id, state, reasons, suggestions in waiting
    ]
    words = (
        f"mail {spool_id}: {state} ({', '.join(reasons)})"
        + "".join(f"\n    {held.child_id} {held.role} {' '.join(held.why)}" for held in suggestions)
        for spool_id, state, reasons, suggestions in waiting
    )
    call.answer(document, *words)


@command(tray, "show")
@click.argument("spool", type=int)
def show_tray(call: Call, spool: int) -> None:
    """Read one mail: its own words first, then the whole body. The look is kept in the audit."""
    mail = show_mail(call.house, spool, call.now)
    call.answer(
        {
            "spool": spool,
            "author": mail.author_id or None,
            "from": mail.sender,
            "subject": mail.subject,
            "at": mail.arrived.isoformat(),
            "text": mail.new_text,
            "body": mail.body,
            "attachments": list(mail.attachments),
        },
        f"From: {mail.sender}" + (f" (verified: {mail.author_id})" if mail.author_id else " (not verified)"),
        f"Subject: {mail.subject}",
        *(f"File: {name}" for name in mail.attachments),
        f"\n{mail.new_text}\n",
        "---- the whole body ----",
        mail.body,
    )


@command(tray, "file")
@click.argument("spool", type=int)
@click.option("--child", required=True, help="The child it is about.")
@click.option("--role", help="The role; default: the class teacher.")
@click.option("--guardian", help="Who wrote it, when the mail could not say.")
def file_(call: Call, spool: int, child: str, role: str | None, guardian: str | None) -> None:
    """Put a mail on a child's record, for the teachers of a role."""
    outcome = file_mail(call.house, spool, child_id=child, role=role, guardian_id=guardian, now=call.now)
    call.answer(outcome_document(outcome), f"Mail {spool} is filed for {child} ({outcome.filings[0].role}).")


@command(tray, "dismiss")
@click.argument("spool", type=int)
@click.option("--reason", required=True, help="Why; it is kept.")
def dismiss(call: Call, spool: int, reason: str) -> None:
    """Take a mail off the tray without filing it."""
    dismiss_mail(call.house, spool, reason, call.now)
    call.answer({"spool": spool, "state": "dismissed"}, f"Mail {spool} is dismissed.")


def _today(call: Call) -> date:
    return call.now.astimezone(call.house.zone).date()
