"""What a family sees: real pages in a real browser, on a phone and a desk, in light and dark, in every language."""

import os
import shutil
from dataclasses import replace
from itertools import product

import pytest

from mailer.render import LetterPress
from mailer.render.colours import contrast, luminance, palette, readable
from tests.mailer.sample_letters import ANSWER, DIGEST, FACE, NEWS_DIGEST, NOTICES, edition, guardian, links

LANGUAGES = ("en", "es", "ar", "zh-CN")
COLOURS = (
    "#1f5f74",
    "#000000",
    "#ffffff",
    "#ffd400",
    "#ff0000",
    "#00ff7f",
    "#7a7a7a",
    "#0000ff",
    "#8e24aa",
    "no colour",
)
#: Words, their colour, and the first ground under them that is not transparent; hidden preview words are left out.
CONTRASTS = """() => {
  const parse = text => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    return {rgb: parts.slice(0, 3), alpha: parts[3] ?? 1};
  };
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.alpha > 0) return colour.rgb;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.trim(), holder = walker.currentNode.parentElement;
    const style = getComputedStyle(holder);
    if (!words || style.opacity === "0" || !holder.getClientRects().length) continue;
    if (holder.closest("[style*='display:none'],[style*='display: none'],style,title")) continue;
    found.push([words, parse(style.color).rgb, ground(holder)]);
  }
  return found;
}"""


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_of_colours_can_be_read_whatever_the_schools_colour_is(colour, scheme):
    shades = palette(colour)[scheme]
    pairs = [("ink", "card"), ("soft", "card"), ("soft", "paper"), ("ink", "paper"), ("accent_ink", "card")]
    pairs += [("accent_ink", "paper"), ("on_accent", "accent"), ("on_band", "band"), ("soft", "news_tint")]
    pairs += [(kind, f"{kind}_tint") for kind in ("news", "event", "question", "try")]
    pairs += [("ink", f"{kind}_tint") for kind in ("news", "event", "question", "try")]
    pairs.append(("card", "event"))

    for words, ground in pairs:
        assert contrast(shades[words], shades[ground]) >= 4.5, (words, ground)
    assert contrast(shades["accent"], shades["card"]) >= 2.9  # a button stands out from its card


def test_a_colour_is_bent_no_further_than_it_must_be():
    assert readable("#1f5f74", "#ffffff") == "#1f5f74"
    assert luminance(readable("#ffd400", "#ffffff")) < luminance("#ffd400")


def test_contrast_is_the_one_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


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


@pytest.fixture(scope="module")
def press() -> LetterPress:
    return LetterPress(None, FACE)


@pytest.fixture
def look(browser, tmp_path):
    """Opens a letter and fails when it asks the network for anything; the page, to be measured."""
    pages = []

    def opened(html: str, *, width: int = 375, scheme: str = "light"):
        file = tmp_path / "letter.html"
        file.write_text(html, encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        pages.append(page)
        assert asked == [file.as_uri()]
        return page

    yield opened
    for page in pages:
        page.close()


def newsletter(press: LetterPress, language: str) -> str:
    who = guardian("zh-CN", "伟", "王") if language == "zh-CN" else None
    made = edition(language, who=who)
    return press.newsletter(made, links(made)).html


def letters(press: LetterPress, language: str) -> list[str]:
    """Every kind of letter in one language of each direction; the newsletter alone in the others, to be quick."""
    if language not in {"en", "ar"}:
        return [newsletter(press, language)]
    return [
        newsletter(press, language),
        press.digest(replace(DIGEST, language=language)).html,
        press.digest(replace(NEWS_DIGEST, language=language)).html,
        press.answer(replace(ANSWER, language=language)).html,
        *(press.notice(replace(page, language=language)).html for page in NOTICES),
    ]


def hexed(parts: list[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in parts)


@pytest.mark.peers
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 700])
def test_no_letter_is_wider_than_the_screen(press, look, language, width):
    for html in letters(press, language):
        assert look(html, width=width).evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.peers
@pytest.mark.parametrize(("language", "scheme"), list(product(LANGUAGES, ["light", "dark"])))
def test_all_words_of_all_letters_stand_out_from_their_ground(press, look, language, scheme):
    for html in letters(press, language):
        found = look(html, scheme=scheme).evaluate(CONTRASTS)

        assert len(found) > 5
        for words, colour, ground in found:
            assert contrast(hexed(colour), hexed(ground)) >= 4.5, (words, colour, ground)


@pytest.mark.peers
@pytest.mark.parametrize("colour", ["#ffd400", "#ffffff", "#8e24aa"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_bright_school_colour_is_still_readable_on_the_page(look, colour, scheme):
    html = newsletter(LetterPress(None, replace(FACE, colour=colour)), "en")

    for words, shade, ground in look(html, scheme=scheme).evaluate(CONTRASTS):
        assert contrast(hexed(shade), hexed(ground)) >= 4.5, (words, shade, ground)


@pytest.mark.peers
def test_a_button_is_as_large_as_a_thumb_and_as_wide_as_the_card_on_a_phone(press, look):
    box = look(newsletter(press, "en")).locator("a", has_text="Write to Ms Horn about Ida").bounding_box()

    assert box["height"] >= 44
    assert box["width"] >= 280


@pytest.mark.peers
def test_an_arabic_letter_begins_at_the_right(press, look):
    page = look(newsletter(press, "ar"), width=700)
    heading = page.locator("h2", has_text="للجميع").bounding_box()
    box = page.locator("td.day").first.bounding_box()
    title = page.locator("h3", has_text="معرض الشتاء").bounding_box()

    assert heading["x"] + heading["width"] > 600
    assert box["x"] > title["x"]
    assert page.evaluate("getComputedStyle(document.querySelector('h2')).direction") == "rtl"


@pytest.mark.peers
def test_the_dark_letter_is_dark(press, look):
    page = look(newsletter(press, "en"), scheme="dark")

    for chosen in (".paper", ".card", ".card .panel-event", ".day"):
        shade = page.evaluate(f"getComputedStyle(document.querySelector('{chosen}')).backgroundColor")
        red, green, blue = (int(part) for part in shade[4:-1].split(","))
        assert luminance(hexed([red, green, blue])) < 0.06, chosen
