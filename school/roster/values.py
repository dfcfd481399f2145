"""Single cells of a roster as values: yes and no, lists, addresses, names, ids made from words."""

import re
import unicodedata


def words(text: str) -> frozenset[str]:
    """A list of words that reads as one line."""
    return frozenset(text.split())


TRUE_WORDS = frozenset({"true", "yes", "y", "1", "x", "ja", "oui", "si", "sí"})
FALSE_WORDS = frozenset({"false", "no", "n", "0", "nein", "non", "nee"})
LONGEST_CELL = 1_000
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\.]+(?:\.[^\s@<>,;:\"()\[\]\\.]+)+")
TITLES = words("ms mrs mr miss mx dr prof sir frau herr mme m mlle sra sr srta mevr dhr sig sigra pani pan fr hr")
PARTICLES = words("van von der den de del della da dos das di la le el al bin binti ter ten zu zur")


def truth(text: str) -> bool | None:
    """Yes or no; None when it is neither. Rosters write 'TRUE', 'true' and '1'."""
    word = text.strip().casefold()
    if word in TRUE_WORDS:
        return True
    return False if word in FALSE_WORDS else None


def listed(text: str) -> tuple[str, ...]:
    """The values of a list inside one cell, each once, without blanks: "PHY123, ASV120"."""
    if not text:
        return ()
    return tuple(dict.fromkeys(part for part in (piece.strip() for piece in re.split(r"[,;|]", text)) if part))


def address_in(text: str) -> tuple[str, str]:
    """(address, what is wrong): the first e-mail address of a cell; empty when there is none.

    A name around it ("Eva <eva@…>") and "mailto:" are cut without a word.
    """
    if len(text) > LONGEST_CELL:
        return "", "is not an e-mail address"  # nor may it cost a search in a page of text
    if not text or ADDRESS.fullmatch(text):
        return text, ""
    found = ADDRESS.findall(text.replace("mailto:", " "))
    if not found:
        return "", "is not an e-mail address"
    if len(found) > 1:
        return found[0], "holds several addresses; only the first was taken"
    return found[0], ""


def tidy(name: str) -> str:
    """A name on one line with single blanks and no control characters."""
    if name.isalpha():
        return name
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())


def plain(text: str) -> str:
    """Lower case without accents, for comparing."""
    if text.isascii():
        return text.casefold()
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in folded if not unicodedata.combining(sign))


def slug(text: str) -> str:
    """An id made from words: letters and digits of any script, joined by '-': 'Zoë Núñez' → 'zoe-nunez'."""
    return re.sub(r"[\W_]+", "-", plain(text)).strip("-")


def split_name(text: str) -> tuple[str, str, str]:
    """(title, given name, family name) of a name in one cell: 'Ms Horn', 'Ana de la Cruz', 'Novak, Anna'."""
    words = tidy(text).split(" ")
    title = ""
    while len(words) > 1 and words[0].rstrip(".").casefold() in TITLES:
        title = f"{title} {words.pop(0)}".strip()
    name = " ".join(words)
    if "," in name:
        family, given = (part.strip() for part in name.split(",", 1))
        return title, given, family
    if len(words) == 1:
        return (title, "", name) if title else ("", name, "")
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in PARTICLES:
        start -= 1
    return title, " ".join(words[:start]), " ".join(words[start:])
