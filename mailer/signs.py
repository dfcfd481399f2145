"""Single lines and names as letters write them, and the signs that never get into one."""

import unicodedata


def one_line(text: str) -> str:
    """*text* on one line and without dangerous signs: safe as a header value, a title or a button."""
    if text.isprintable():
        return " ".join(text.split()) if "  " in text or text != text.strip() else text
    # str.split() also parts at U+2028, U+2029, NEL and the like, which some programs read as a line end.
    return " ".join("".join(sign for sign in text if sign.isspace() or not dangerous(sign)).split())


def dangerous(sign: str) -> bool:
    """A control sign, or one that turns the direction of what follows: text could read as something else.

    Unicode TR36 §2.2. Isolates (U+2066-2069) end with their paragraph and are left to writers of mixed text.
    """
    return unicodedata.category(sign) in {"Cc", "Cs"} or sign in "\u202a\u202b\u202c\u202d\u202e"


def family_names_first(family_name: str) -> bool:
    """Is the name written in Han or Hangul signs, where it stands before the given name and without a space?"""
    return bool(family_name) and all(unicodedata.name(sign, "").startswith(("CJK", "HANGUL")) for sign in family_name)
