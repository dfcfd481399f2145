"""The words of automatic letters to the school's own people, and of the one that says when a message is read."""

from mailer.phrases import Phrases
from mailer.render.pages import DoneLine, NoticePage, SchoolFace, TrayLine
from mailer.render.reason_words import because
from mailer.signs import one_line

Words = tuple[str, list[str]]  #: headline, lines


def receipt(page: NoticePage, phrases: Phrases, face: SchoolFace) -> Words:
    """What became of each part of a teacher's answer; and the rest, which went to nobody."""
    lines = [_done(done, phrases) for done in sorted(page.done, key=lambda done: done.number)]
    held = next((done.number for done in page.done if done.what in {"answer", "thanks"}), None)
    if held is not None and page.until is not None:
        time = phrases.moment(page.until, face.zone)
        lines.append(_until(phrases, time, held))
    lines += _left_behind(page, phrases)
    if not page.words:
        return phrases("What we did with your answer"), lines
    return phrases("Part of your answer has not been sent"), [*lines, *undelivered(page, phrases, face)[1]]


def _done(done: DoneLine, phrases: Phrases) -> str:
    what = {
        "answer": phrases("your answer"),
        "thanks": phrases("a thank-you in your name"),
        "office": phrases("given to the office"),
        "later": phrases("stays for your next digest"),
        "not-mine": phrases("given to the office, as not yours"),
        "child": phrases("filed for this child"),
        "stopped": phrases("taken back, not sent"),
        "stop-too-late": phrases("could not be taken back: it has left"),
        "nothing-to-stop": phrases("nothing to take back"),
        "not-yours-now": phrases("not sent: the child is no longer taught by you"),
        "not-reachable": phrases("not sent: the family cannot be reached by mail"),
        "withdrawn": phrases("not sent: the message is no longer here"),
        "nothing-waits": phrases("nothing waits there any more"),
        "pick-child": phrases("not sent: first say which child it is about"),
    }[done.what]
    who = " · ".join(phrases.isolated(one_line(name)) for name in (done.guardian, done.child) if name)
    return f"{done.number}. {who}: {what}" if done.number else f"{who}: {what}"


def _until(phrases: Phrases, time: str, number: int) -> str:
    if not number:
        return phrases("Answers leave at %(time)s. To take yours back before that, reply with: stop", time=time)
    return phrases(
        "Answers leave at %(time)s. To take one back before that, reply with its number: stop %(number)s",
        time=time,
        number=number,
    )


def _left_behind(page: NoticePage, phrases: Phrases) -> list[str]:
    if not page.files:
        return []
    names = phrases.all_of(one_line(name) for name in page.files)
    said = phrases(
        "Not passed on: %(names)s. Files do not travel with answers; please hand them out yourself.", names=names
    )
    return [said]


def undelivered(page: NoticePage, phrases: Phrases, _face: SchoolFace) -> Words:
    because = {
        "number-twice": phrases("You gave one number two answers."),
        "wrong-number": phrases("It names a number that is not in the digest."),
        "withdrawn": phrases("The family’s details have changed since the digest was sent."),
        "no-address": phrases("The family has no working e-mail address at the moment."),
        "too-old": phrases("The conversation it answers is closed."),
    }.get(page.reason, phrases("We could not tell which message it answers."))
    lost = phrases("Nothing is lost: your words are below. Please use the button under the message you want to answer.")
    if page.choices:
        lost = phrases("Nothing is lost: your words are below. Press the button of the family they are for, and send.")
    return phrases("Your answer has not been sent"), [because, lost]


def hours(page: NoticePage, phrases: Phrases, face: SchoolFace) -> Words:
    lines = [phrases("The school is closed at the moment.")]
    if page.until is not None:
        lines.append(phrases("We read messages again from %(when)s.", when=phrases.moment(page.until, face.zone)))
    return phrases("Your message reached us"), lines


# ---- to the office ----


def urgent(page: NoticePage, phrases: Phrases, _face: SchoolFace) -> Words:
    about = phrases("%(person)s writes about %(child)s today", person=one_line(page.reason), child=one_line(page.child))
    told = (
        [phrases("Told at once: %(names)s", names=phrases.all_of(one_line(name) for name in page.teachers))]
        if page.teachers
        else []
    )
    return about, told or [phrases("No teacher could be told by mail.")]


def alert(page: NoticePage, phrases: Phrases, _face: SchoolFace) -> Words:
    """Which mail, why, and where to read it; never what it says."""
    shown = [f"fridayfolder tray show {line.mail}" for line in page.tray]
    how = [phrases("Read it with: %(command)s", command=command) for command in shown]
    lines = [_waits(line, phrases) for line in page.tray]
    if page.reason == "about-today":
        say = phrases("It could not be given to a teacher by itself. Please look at it now.")
        return phrases("A message about today waits for you"), [*lines, say, *how]
    nobody = phrases("No teacher has been told, and no automatic answer was sent.")
    return phrases("A message only the office may read"), [*lines, nobody, *how]


def office(page: NoticePage, phrases: Phrases, _face: SchoolFace) -> Words:
    lines = [_waits(line, phrases) for line in page.tray]
    if page.tray:
        lines.append(phrases("Read it with: %(command)s", command=f"fridayfolder tray show {page.tray[0].mail}"))
    if page.untold:
        lines.append(phrases("A parent was not told where her message went:"))
        lines += [_waits(line, phrases) for line in page.untold]
    if page.bounced:
        lines.append(phrases("Addresses that do not work:"))
        lines += [one_line(line.words) for line in page.bounced]
    headline = phrases.count(
        "%(number)s message waits for a person", "%(number)s messages wait for a person", len(page.tray)
    )
    return headline, lines


def _waits(line: TrayLine, phrases: Phrases) -> str:
    """As in "Mail 12: it may be about several children · perhaps about Leo Berg and Ida Berg"."""
    why = dict.fromkeys(filter(None, (because(code, phrases) for code in (line.state, *line.reasons))))
    said = ", ".join(why) or ", ".join(map(one_line, line.reasons)) or line.state
    names = [phrases("perhaps about %(names)s", names=phrases.all_of(map(one_line, line.suggestions)))]
    parts = [said, *(names if line.suggestions else []), one_line(line.words)]
    return ": ".join((phrases("Mail %(number)s", number=line.mail), " · ".join(part for part in parts if part)))
