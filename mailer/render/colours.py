"""The colours of a letter, made readable: every text has at least 4.5:1 against its ground (WCAG 2.2, 1.4.3)."""

import re
from collections.abc import Mapping

ENOUGH = 4.6  #: a little above the rule, so that rounding never falls below it

LIGHT: Mapping[str, str] = {
    "paper": "#f4f0e8",
    "card": "#ffffff",
    "ink": "#2b2a27",
    "soft": "#635e55",
    "rule": "#e4dccd",
    "news": "#5a5347",
    "news_tint": "#f4f0e8",
    "event": "#7a3d12",
    "event_tint": "#fbeee0",
    "question": "#6b3a78",
    "question_tint": "#f6edf8",
    "try": "#2d6234",
    "try_tint": "#eaf4e6",
}
DARK: Mapping[str, str] = {
    "paper": "#191816",
    "card": "#252320",
    "ink": "#f0ece4",
    "soft": "#b9b2a5",
    "rule": "#403c35",
    "news": "#d8cfbf",
    "news_tint": "#34312b",
    "event": "#f3bb8b",
    "event_tint": "#3f2e20",
    "question": "#dfb7ea",
    "question_tint": "#382a3d",
    "try": "#aed8a6",
    "try_tint": "#26361f",
}
PLAIN = "#1f5f74"
HEX = re.compile(r"#[0-9a-fA-F]{6}")


def palette(school_colour: str) -> dict[str, dict[str, str]]:
    """`light` and `dark`, each a mapping of names to colours; the school's own is bent until it can be read.

    `band` is the masthead, `accent` the buttons, each with the colour of the words on it; `accent_ink` is the school's
    colour as words on a card or on the paper.
    """
    colour = school_colour if HEX.fullmatch(school_colour) else PLAIN
    return {"light": {**LIGHT, **_school(colour, LIGHT)}, "dark": {**DARK, **_school(colour, DARK)}}


def _school(colour: str, scheme: Mapping[str, str]) -> dict[str, str]:
    # A letter in the dark must not begin with a bright field: there the masthead keeps white words.
    band_words = _words_on(colour) if scheme is LIGHT else "#ffffff"
    accent = readable(colour, scheme["card"], enough=3.0)  # WCAG 1.4.11: a button stands out from its ground
    words = _words_on(accent)
    ground = scheme["paper"] if scheme is LIGHT else scheme["card"]  # the nearer one in brightness
    return {
        "band": readable(colour, band_words),
        "on_band": band_words,
        "accent": readable(accent, words),
        "on_accent": words,
        "accent_ink": readable(colour, ground),
    }


def _words_on(ground: str) -> str:
    """White where it can be read, else near black."""
    return "#ffffff" if contrast("#ffffff", ground) >= 3.5 else "#1b1a18"


def readable(colour: str, ground: str, enough: float = ENOUGH) -> str:
    """*colour*, moved towards black or white (away from *ground*) just until it stands out enough."""
    target = (0, 0, 0) if luminance(ground) > 0.18 else (255, 255, 255)
    for step in range(21):
        bent = _mixed(_parts(colour), target, step / 20)
        if contrast(bent, ground) >= enough:
            return bent
    return _written(target)


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio of two #rrggbb colours, 1 to 21."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: tuple[int, int, int], target: tuple[int, int, int], share: float) -> str:
    return _written(tuple(round(a + (b - a) * share) for a, b in zip(colour, target, strict=True)))


def _written(parts: tuple[int, ...]) -> str:
    return "#" + "".join(f"{part:02x}" for part in parts)
