"""Names and single lines, as letters write them."""

import unicodedata


def one_line(text: str) -> str:
    """*text* on one line and without control signs: safe as a header value, a title or a button."""
    if text.isprintable():
        return " ".join(text.split()) if "  " in text or text != text.strip() else text
    # str.split() also parts at U+2028, U+2029, NEL and the like, which some programs read as a line end.
    return " ".join(
        "".join(sign if unicodedata.category(sign) != "Cc" or sign.isspace() else "" for sign in text).split()
    )


def family_names_first(family_name: str) -> bool:
    """Is the name written in Han or Hangul signs, where it stands before the given name and without a space?"""
    return bool(family_name) and all(unicodedata.name(sign, "").startswith(("CJK", "HANGUL")) for sign in family_name)
