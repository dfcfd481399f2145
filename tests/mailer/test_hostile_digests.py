"""Whatever a family or a teacher writes: a digest, an answer and the office's letters run nothing and fetch nothing.

Every attempt stands in every field of a digest's item. Read by a parser in each run, and by a browser where one is.
"""

import os
import shutil
from datetime import UTC, date, datetime

import pytest

from inbox.clean_html import safe_html
from mailer.render import (
    AnswerPage,
    Choice,
    ChoiceKind,
    DigestEntry,
    DigestPage,
    DigestTurn,
    DoneLine,
    LetterPress,
    NoticeKind,
    NoticePage,
    TrayLine,
)
from tests.mailer.hostile import live_markup
from tests.mailer.hostile_more import REMOTE, vectors
from tests.mailer.sample_letters import FACE

ADDRESS = "reply+x@school.test"
VECTORS = vectors()
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
FRAME = "<!doctype html><html><head><meta charset=utf-8><title>mail</title></head><body>{}</body></html>"


@pytest.fixture(scope="module")
def press() -> LetterPress:
    return LetterPress(None, FACE)


def digests(press: LetterPress) -> list[str]:
    return [press.digest(digest(held)).html for held in chunks(VECTORS, 40)]


def answers(press: LetterPress) -> list[str]:
    """Several attempts in one letter's words: each stands in a paragraph of its own."""
    return [press.answer(answer("\n\n".join(held), held[0])).html for held in chunks(VECTORS, 20)]


def notices(press: LetterPress) -> list[str]:
    return [press.notice(notice(kind, held)).html for kind in NoticeKind for held in chunks(VECTORS, 120)]


def office_pages() -> list[str]:
    """What `tray show` prints of mails that are HTML alone, were it shown by a browser."""
    return [FRAME.format("\n".join(f"<div>{safe_html(evil)}</div>" for evil in held)) for held in chunks(VECTORS, 40)]


def chunks(held, size):
    return [held[start : start + size] for start in range(0, len(held), size)]


def digest(held) -> DigestPage:
    entries = tuple(entry(number, evil) for number, evil in enumerate(held, start=1))
    return DigestPage(teacher=held[0], day=date(2026, 11, 30), entries=entries, rhythms=(choice(held[0]),))


def entry(number: int, evil: str) -> DigestEntry:
    turn = DigestTurn(at=NOON, words=f"{evil}\n\nand {evil}", attachments=(evil,), files=(evil,), earlier=(evil,))
    return DigestEntry(
        number=number,
        child_id=str(number),
        child=evil,
        class_title=evil,
        guardian=evil,
        relation=evil,
        role=evil,
        turns=(turn,),
        subject=evil,
        reply_to=ADDRESS,
        not_mine=ADDRESS,
        picks=(choice(evil),),
        from_home=number % 2 == 0,
    )


def choice(evil: str) -> Choice:
    return Choice(kind=ChoiceKind.CHILD, address=ADDRESS, name=evil)


def answer(words: str, evil: str) -> AnswerPage:
    return AnswerPage(
        guardian=evil,
        language="en",
        teacher=evil,
        child=evil,
        words=words,
        subject=evil,
        reply_to=ADDRESS,
        class_title=evil,
        visible_ref=evil,
        attachments=(evil,),
    )


def notice(kind: NoticeKind, held) -> NoticePage:
    evil = held[0]
    return NoticePage(
        kind=kind,
        person=evil,
        subject=evil,
        child=evil,
        teachers=held,
        words="\n\n".join(held),
        reason=evil,
        files=held,
        choices=tuple(choice(one) for one in held),
        tray=tuple(TrayLine(mail=1, state=one, reasons=(one,), suggestions=(one,), words=one) for one in held),
        done=tuple(DoneLine(number=1, child=one, guardian=one, what="answer") for one in held),
    )


def test_there_are_more_than_three_hundred_and_a_remote_set():
    assert len(VECTORS) >= 300
    assert len(REMOTE) >= 40


@pytest.mark.parametrize("made", [digests, answers, notices])
def test_no_letter_holds_anything_live(press, made):
    for html in made(press):
        assert live_markup(html) == []


def test_a_mail_the_office_reads_holds_nothing_live():
    """What does nothing by itself may stay: `<details>`, and a link that leads nowhere (`jav\u00adascript:`)."""
    for evil in VECTORS:
        found = live_markup(safe_html(evil))
        assert [held for held in found if held != "<details>" and not held.startswith("a href=")] == []


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    if not chromium:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing: .ci/run installs it")
        pytest.skip("no chromium: make peers installs it")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield opened
        opened.close()


@pytest.mark.peers
@pytest.mark.timeout(180)
def test_a_browser_runs_nothing_and_asks_for_nothing(press, browser, tmp_path):
    pages = [*digests(press), *answers(press)[::3], *notices(press)[::5], *office_pages()]
    asked: list[str] = []
    ran: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: ran.append(str(error)))
    for number, html in enumerate(pages):
        file = tmp_path / f"{number}.html"
        file.write_text(html, encoding="utf-8")
        page.goto(file.as_uri())
        live = page.evaluate(
            "[...document.querySelectorAll('*')].filter(e => e.tagName == 'SCRIPT'"
            " || [...e.attributes].some(a => a.name.startsWith('on'))).length"
        )
        assert (number, live, ran) == (number, 0, [])
    assert asked == [(tmp_path / f"{number}.html").as_uri() for number in range(len(pages))]
