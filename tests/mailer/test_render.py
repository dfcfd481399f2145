"""A rendered letter: whole, inert, the same every time, and every address of it in both bodies."""

import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import icalendar
import pytest

from inbox.trim.ours import SectionIndex
from inbox.trim.spans import OurMarks
from mailer.markdown import columns
from mailer.render import (
    AnswerPage,
    Choice,
    ChoiceKind,
    DigestEntry,
    DigestPage,
    DigestTurn,
    DoneLine,
    LetterPress,
    NewsletterLinks,
    NoticeKind,
    NoticePage,
    Rendered,
    SchoolFace,
    TrayLine,
)
from mailer.render.mailto import mailto
from mailer.render.nesting import nesting_fault
from school.issue import Event, ItemKind, Section
from school.people import Child, ClassGroup, Teacher
from tests.mailer.hostile import VECTORS, live_markup
from tests.mailer.sample_letters import (
    ANSWER,
    DIGEST,
    FACE,
    FAIR,
    IDA,
    ISSUE,
    ITEMS,
    NOTICES,
    RECEIPT,
    SCHOOL,
    edition,
    guardian,
    item,
    links,
)

LANGUAGES = ("en", "es", "ar", "zh-CN")
MAX_HTML_BYTES = 90_000


@pytest.fixture(scope="module")
def press() -> LetterPress:
    return LetterPress(None, FACE)


def newsletter(press: LetterPress, language: str = "en", **changes) -> Rendered:
    made = edition(language, **changes)
    return press.newsletter(made, links(made))


def every_kind(press: LetterPress, language: str) -> list[Rendered]:
    return [
        newsletter(press, language),
        press.digest(replace(DIGEST, language=language)),
        press.answer(replace(ANSWER, language=language)),
        *(press.notice(replace(page, language=language)) for page in NOTICES),
    ]


class Page(HTMLParser):
    """What a reader of the HTML finds: elements with attributes, and the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.words = ""
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._silent += tag in {"style", "title"}

    def handle_endtag(self, tag):
        self._silent -= tag in {"style", "title"}

    def handle_data(self, data):
        self.words += "" if self._silent else data

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


# ---- whole ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_letters_of_any_length_are_well_nested_for_outlook_and_everyone_else(press, language, count):
    rendered = newsletter(press, language, items=ITEMS[:count])

    assert nesting_fault(rendered.html) == ""
    assert not re.search(r"jx\d{4}xj|{{|{%|\[\[|\[%|<mj-", rendered.html + rendered.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_letter_in_every_language_is_well_formed(press, language):
    for rendered in every_kind(press, language):
        page = Page(rendered.html)

        assert nesting_fault(rendered.html) == ""
        assert live_markup(rendered.html) == []
        assert page.all("html")[0]["lang"] == rendered.language
        assert page.all("html")[0]["dir"] == rendered.direction == ("rtl" if language == "ar" else "ltr")
        assert all(table.get("role") == "presentation" for table in page.all("table"))
        assert len(page.all("h1")) == 1
        assert len(rendered.html.encode()) < MAX_HTML_BYTES
        assert rendered.text.strip()
        assert "\n" not in rendered.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_fetches_anything_or_tells_who_opened_it(press, language):
    for rendered in every_kind(press, language):
        assert not re.search(
            r"url\(|@import|@font-face|<link|<script|<img|\bsrc=|http://(?!www\.w3\.org/1999/xhtml)", rendered.html
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_of_the_text_twin_fit_78_columns(press, language):
    for rendered in every_kind(press, language):
        for line in rendered.text.splitlines():
            assert columns(line) <= 78, line


def test_a_letter_of_forty_items_stays_below_gmails_clip(press):
    many = tuple(replace(ITEMS[n % len(ITEMS)], id=f"i{n}") for n in range(40))

    assert len(newsletter(press, items=many).html.encode()) < MAX_HTML_BYTES


# ---- the same every time -------------------------------------------------------------------------------------------


def digest_of(press: LetterPress) -> str:
    held = hashlib.sha256()
    for language in LANGUAGES:
        for rendered in every_kind(press, language):
            held.update(repr(rendered).encode())
    return held.hexdigest()


def test_rendering_twice_gives_the_same_bytes(press):
    assert digest_of(press) == digest_of(press) == digest_of(LetterPress(None, FACE))


def test_another_process_with_another_hash_seed_gives_the_same_bytes(press):
    code = (
        "from tests.mailer.test_render import digest_of\n"
        "from tests.mailer.sample_letters import FACE\n"
        "from mailer.render import LetterPress\n"
        "print(digest_of(LetterPress(None, FACE)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == digest_of(press), done.stderr


def test_an_item_changed_under_the_same_id_is_set_anew(press):
    changed = item("library", ItemKind.NEWS, SCHOOL, {"en": ("Closed again", "Sorry.")})

    assert "The library is open again" in newsletter(press).text
    assert "Closed again" in newsletter(press, items=(changed,)).text


# ---- what it says --------------------------------------------------------------------------------------------------


def test_shared_items_stand_once_and_every_section_has_its_own_address_and_ref_in_both_bodies(press):
    made = edition()
    given = links(made)
    rendered = press.newsletter(made, given)
    hrefs = [unquote(link["href"]) for link in Page(rendered.html).all("a") if link["href"].startswith("mailto:reply")]

    assert rendered.text.count("Stalls, soup and the choir") == rendered.html.count("Stalls, soup and the choir") == 1
    for section in made.sections:
        address, ref = given.section_reply[section.ordinal], given.section_ref[section.ordinal]
        assert f"mailto:{address}?subject=Re: News of 27 November ({section.child.first_name})" in hrefs
        assert f"\n{address}\n{ref}\n" in rendered.text
        assert ref in rendered.html
    assert "Write to Ms Horn about Ida" in rendered.html


def test_a_section_without_a_button_says_so_by_having_none(press):
    made = edition()
    folded = replace(made, sections=(replace(made.sections[0], ordinal=0),))
    rendered = press.newsletter(folded, links(folded))

    assert "We built a volcano" in rendered.html
    assert "Write to Ms Horn" not in rendered.html + rendered.text
    assert rendered.fingerprints == {}


def test_a_week_without_items_still_invites_an_answer(press):
    rendered = newsletter(press, items=())

    assert "there is no news about Ida and Leo this week" in rendered.text
    assert rendered.text.count("Is there something we should know?") == 2
    assert "Write to Mr Ruiz about Leo" in rendered.text


def test_nobodys_teachers_means_the_school_and_many_mean_the_teachers(press):
    made = edition(items=())
    team = tuple(Teacher(id=f"t{n}", given_name="A", family_name=f"B{n}") for n in range(3))
    none, many = replace(made.sections[0], teachers=()), replace(made.sections[1], teachers=team)
    rendered = press.newsletter(replace(made, sections=(none, many)), links(made))

    assert "Write to the school about Ida" in rendered.html
    assert "Write to Leo’s teachers" in rendered.html


def test_an_item_is_shown_in_her_language_else_in_the_schools_and_says_which(press):
    page = Page(newsletter(press, "zh-CN", who=guardian("zh-CN", "伟", "王")).html)
    tagged = {attributes["lang"] for name, attributes in page.elements if name == "h3"}

    assert tagged == {"zh-Hans", "en"}
    assert "王伟，您好！" in page.words
    assert "欢迎每一个家庭" in page.words
    assert "Gym shoes, please" in page.words


def test_a_language_we_have_no_words_in_gets_the_schools_frame_around_its_own_items(press):
    german = item("de", ItemKind.NEWS, SCHOOL, {"en": ("News", "text"), "de": ("Neues", "Ein Text.")})
    rendered = newsletter(press, "de", items=(german,))

    assert (rendered.language, "Neues" in rendered.html, "Hello Maria" in rendered.html) == ("en", True, True)


@pytest.mark.parametrize("room", [1, 20_000])
def test_letters_to_readers_of_other_languages_change_no_letter(press, monkeypatch, room):
    monkeypatch.setattr("mailer.render.newsletter.CACHED_ITEMS", room)
    only_english = item("day", ItemKind.EVENT, SCHOOL, {"en": ("Sports day", "Bring a hat.")}, FAIR)
    both = (only_english, *ITEMS)
    alone = {language: newsletter(LetterPress(None, FACE), language, items=both) for language in LANGUAGES}

    for language in (*LANGUAGES, *reversed(LANGUAGES)):
        assert newsletter(press, language, items=both) == alone[language]


def test_both_bodies_say_who_sends_whom_to_ask_and_how_to_stop(press):
    rendered = newsletter(press)
    for body in (rendered.html, rendered.text):
        assert all(
            word in body for word in ("Linden Primary School", "1 Linden Road", "office@school.test", "unsubscribe")
        )
    by_web = press.newsletter(edition(), replace(links(edition()), unsubscribe_url="https://school.test/u/1"))
    assert 'href="https://school.test/u/1"' in by_web.html
    assert "https://school.test/u/1" in by_web.text


def test_subject_and_preheader_hold_no_childs_full_name(press):
    rendered = newsletter(press)

    assert "Lopez" not in rendered.subject + rendered.preheader
    assert rendered.subject == "Linden Primary School: news of 27 November"


def test_an_event_travels_with_a_calendar_file(press):
    (enclosure,) = newsletter(press).attachments
    (event,) = icalendar.Calendar.from_ical(enclosure.data).walk("VEVENT")

    assert enclosure.name == "2026-12-05-winter-fair.ics"
    assert enclosure.content_type == "text/calendar; method=PUBLISH; charset=utf-8"
    assert (event["summary"], event["location"]) == ("Winter fair", "School yard")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (FAIR.begins, FAIR.ends)
    assert str(event["uid"]) == "2026-11-27-fair@school.test"


def test_fingerprints_are_lines_of_one_section_only(press):
    marks = newsletter(press).fingerprints
    flat = [mark for lines in marks.values() for mark in lines]

    assert set(marks) == {1, 2, 3}
    assert "We built a volcano" in marks[1]
    assert any(
        mark.startswith("It took a morning, two bottles of vinegar and many towels. The children") for mark in marks[1]
    )
    assert "Choir rehearsal moves to Thursday" in marks[2]
    assert len(flat) == len(set(flat))
    assert not any("Stalls" in mark for mark in flat)


def test_a_quoted_line_of_either_body_leads_to_its_section(press):
    made = edition("zh-CN")
    rendered = press.newsletter(made, links(made))
    index = SectionIndex(OurMarks(section_lines=rendered.fingerprints))

    assert index.section_of("用了一个上午、两瓶醋和许多毛巾。孩子们写下了看到的现象，以及他们认为的原因。") == 1
    assert index.section_of("Only next week. Please bring the") == 2
    assert index.section_of("we use the big hall. Outdoor shoes leave") == 3
    assert index.section_of("图书馆重新开放，每个班又有图书馆课了") is None


def test_an_item_two_siblings_share_is_no_fingerprint_of_either(press):
    made = edition(items=tuple(held for held in ITEMS if held.id == "volcano"))
    twin = replace(made.sections[0], ordinal=3, child=replace(IDA, id="c-mia", given_name="Mia"))
    both = replace(made, sections=(made.sections[0], twin))

    assert press.newsletter(both, links(both)).fingerprints == {1: (), 3: ()}


def test_a_mailto_link_has_no_plus_but_the_addresses_own():
    link = mailto("reply+abc@school.test", "Re: a + b & c", "Größe\nüber")

    assert link == "mailto:reply+abc@school.test?subject=Re%3A%20a%20%2B%20b%20%26%20c&body=Gr%C3%B6%C3%9Fe%0A%C3%BCber"


# ---- digest, answer, notices ---------------------------------------------------------------------------------------


def test_a_digest_counts_in_its_subject_and_names_nobody_there(press):
    rendered = press.digest(DIGEST)

    assert rendered.subject == "3 messages from families"
    assert not re.search("Lopez|Ida|Haddad|Sami", rendered.subject + rendered.preheader)
    assert press.digest(replace(DIGEST, entries=DIGEST.entries[:1])).subject == "1 message from a family"
    assert press.digest(replace(DIGEST, entries=())).subject == "No new messages from families"


def test_a_digest_numbers_conversations_under_their_child_each_with_its_own_address(press):
    rendered = press.digest(DIGEST)
    hrefs = [unescape(link["href"]) for link in Page(rendered.html).all("a")]

    assert len(Page(rendered.html).all("h2")) == 2
    for entry in DIGEST.entries:
        assert any(href.startswith(f"mailto:{entry.reply_to}?subject=Re%3A%20") for href in hrefs)
        assert f"[{entry.number}] {entry.guardian}" in rendered.text
        assert f"\n{entry.reply_to}\n" in rendered.text
    assert "guitar.jpg" in rendered.html
    assert "Fri 27 Nov, 18:12" in rendered.text


def test_words_from_outside_are_text_in_a_digest(press):
    turn = DigestTurn(at=datetime(2026, 11, 27, tzinfo=UTC), words="**not bold** <b>x</b>\n\n[a](https://t.test)")
    rendered = press.digest(replace(DIGEST, entries=(replace(DIGEST.entries[0], turns=(turn,)),)))

    assert "**not bold** &lt;b&gt;x&lt;/b&gt;" in rendered.html
    assert "[a](https://t.test)" in rendered.html


def test_an_answer_holds_the_teachers_words_and_one_re(press):
    rendered = press.answer(replace(ANSWER, subject="RE: Re: re:  Tuesday"))

    assert rendered.subject == "Re: Tuesday"
    assert "Thursday after the break" in rendered.html
    assert ANSWER.reply_to in rendered.html
    assert ANSWER.reply_to in rendered.text
    assert "cucaracha" not in rendered.html + rendered.text


@pytest.mark.parametrize("page", NOTICES, ids=lambda page: page.kind.value)
def test_every_choice_of_a_notice_is_a_button_and_an_address_in_the_text(press, page):
    rendered = press.notice(page)

    for choice in page.choices:
        assert f'href="mailto:{choice.address}?subject=' in rendered.html
        assert f"\n{choice.address}\n" in rendered.text
    if page.words:
        assert "Yes, Thursday is fine." in rendered.html
        assert "| Yes, Thursday is fine." in rendered.text


def test_a_receipt_says_where_the_message_went(press):
    rendered = press.notice(RECEIPT)

    assert "Your message about Ida went to Ms Horn" in rendered.text
    assert "It was about Leo:" in rendered.text
    assert "body=It%20was%20about%20Leo" in rendered.html


# ---- inert ---------------------------------------------------------------------------------------------------------


RHYTHMS = tuple(
    Choice(kind=ChoiceKind.RHYTHM, address="reply+x@school.test", name=name) for name in ("daily", "twice", "weekly")
)


def hostile_letters(press: LetterPress, evil: str) -> list[Rendered]:
    """Every field a person or a file fills, filled with *evil*."""
    address = "reply+x@school.test"
    child = Child(id="c", given_name=evil, family_name=evil, called=evil)
    group = ClassGroup(id="k", title=evil, subject=evil)
    teacher = Teacher(id="t", given_name=evil, family_name=evil, title=evil)
    event = Event(begins=FAIR.begins, ends=FAIR.ends, place=evil)
    items = tuple(item(f"{kind}", kind, SCHOOL, {"en": (evil, evil)}, event=event) for kind in ItemKind)
    made = replace(
        edition(items=items, who=guardian("en", evil, evil)),
        sections=(
            Section(ordinal=1, child=child, class_group=group, role="class", teachers=(teacher,), items=items),
            Section(ordinal=2, child=child, class_group=group, role=evil, teachers=()),
        ),
    )
    given = NewsletterLinks(
        reply_to=address,
        section_reply={1: address},
        section_ref={1: evil},
        unsubscribe_mail=address,
        unsubscribe_url=evil,
    )
    turn = DigestTurn(at=ISSUE.due, words=evil, attachments=(evil,), files=(evil,), earlier=(evil,))
    entry = DigestEntry(
        number=1, child_id="c", child=evil, class_title=evil, guardian=evil, relation=evil, role=evil, turns=(turn,),
        subject=evil, reply_to=address, not_mine=address, from_home=True,
    )  # fmt: skip
    choices = tuple(Choice(kind=kind, address=address, name=evil) for kind in ChoiceKind)
    notices = [
        NoticePage(
            kind=kind,
            person=evil,
            subject=evil,
            child=evil,
            teachers=(evil,),
            words=evil,
            reason=evil,
            choices=choices,
            files=(evil,),
            tray=(TrayLine(mail=1, state=evil, reasons=(evil,), suggestions=(evil,), words=evil),),
            done=(DoneLine(number=1, child=evil, guardian=evil, what="answer"),),
        )
        for kind in NoticeKind
    ]
    answer = AnswerPage(
        guardian=evil, language=evil, teacher=evil, child=evil, words=evil, subject=evil, reply_to=address,
        class_title=evil, visible_ref=evil, attachments=(evil,),
    )  # fmt: skip
    return [
        press.newsletter(made, given),
        press.digest(DigestPage(teacher=evil, day=ISSUE.date, entries=(entry,), rhythms=RHYTHMS)),
        press.answer(answer),
        *(press.notice(page) for page in notices),
    ]


@pytest.mark.parametrize("evil", VECTORS)
def test_a_vector_in_every_field_comes_out_inert(press, evil):
    for rendered in hostile_letters(press, evil):
        assert live_markup(rendered.html) == []
        assert nesting_fault(rendered.html) == ""
        assert not re.search("[\r\n\x00-\x1f\x7f\x85\u2028\u2029]", rendered.subject + rendered.preheader)
        assert "\r" not in rendered.text
        assert "\x00" not in rendered.text


@pytest.mark.parametrize("evil", VECTORS[::12])
def test_a_schools_own_face_cannot_break_a_letter(evil):
    face = SchoolFace(
        name=evil,
        language="en",
        zone=FACE.zone,
        contact_address="a@school.test",
        postal_line=evil,
        website=evil,
        colour=evil,
    )
    rendered = LetterPress(None, face).newsletter(edition(), links(edition()))

    assert live_markup(rendered.html) == []
    assert nesting_fault(rendered.html) == ""
