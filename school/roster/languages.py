"""A language cell as a BCP 47 tag: 'en_GB', 'spa', 'Spanish' and 'español' all are languages."""

import re

from school.roster.values import plain

TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?", re.IGNORECASE)

NAMES: dict[str, str] = {
    name: tag
    for tag, names in {
        "ar": "arabic arabisch arabe ara عربي العربية",
        "bn": "bengali bangla ben বাংলা",
        "cs": "czech tschechisch cestina ces cze",
        "da": "danish dansk dan",
        "de": "german deutsch allemand aleman deu ger duits",
        "el": "greek griechisch ελληνικα ell gre",
        "en": "english englisch anglais ingles eng engels",
        "es": "spanish spanisch espagnol espanol castellano castilian spa spaans",
        "fa": "farsi persian persisch dari fas per فارسی",
        "fi": "finnish suomi fin",
        "fr": "french franzosisch francais frances fra fre frans",
        "he": "hebrew heb עברית",
        "hi": "hindi hin हिन्दी",
        "hr": "croatian kroatisch hrvatski hrv",
        "hu": "hungarian ungarisch magyar hun",
        "id": "indonesian indonesia ind",
        "it": "italian italienisch italien italiano ita",
        "ja": "japanese japanisch jpn 日本語",
        "ko": "korean koreanisch kor 한국어",
        "ms": "malay melayu msa may",
        "nl": "dutch niederlandisch neerlandais nederlands nld dut",
        "no": "norwegian norsk nor",
        "pa": "punjabi panjabi pan ਪੰਜਾਬੀ",
        "pl": "polish polnisch polonais polski pol",
        "pt": "portuguese portugiesisch portugais portugues por",
        "ro": "romanian rumanisch romana ron rum",
        "ru": "russian russisch russe russkij rus русскии",
        "so": "somali som",
        "sq": "albanian albanisch shqip sqi alb",
        "sr": "serbian serbisch srpski srp",
        "sv": "swedish schwedisch svenska swe",
        "ta": "tamil tam தமிழ்",
        "th": "thai tha ไทย",
        "ti": "tigrinya tir",
        "tl": "tagalog filipino tgl fil",
        "tr": "turkish turkisch turc turkce tur",
        "uk": "ukrainian ukrainisch ukrainien ukr украінська українська",
        "ur": "urdu urd اردو",
        "vi": "vietnamese vietnamesisch vie",
        "zh-Hans": "chinese mandarin chinesisch chinois chino zho chi 中文 简体中文",
        "zh-Hant": "cantonese 繁體中文",
    }.items()
    for name in names.split()
}


def language_tag(text: str) -> str | None:
    """The tag, e.g. "es", "zh-Hans", "pt-BR"; "" for an empty cell; None for a word that is no language we know."""
    if not text:
        return ""
    named = NAMES.get(plain(text)) or NAMES.get(text.casefold())
    if named:
        return named
    tag = text.replace("_", "-")
    if not TAG.fullmatch(tag):
        return None
    return "-".join(_subtag(place, part) for place, part in enumerate(tag.split("-")))


def _subtag(place: int, part: str) -> str:
    """BCP 47 §2.1.1: language lower, script Title, region UPPER."""
    if place == 0:
        return part.lower()
    return part.title() if len(part) == 4 else part.upper()
