"""Our own words in the guardian's language: gettext catalogs, dates, times and lists as she writes them.

Catalogs are `templates/locale/<language>/LC_MESSAGES/letters.po`, read as they are (nothing to build); the English text
is the key. A school may put its own beside ours: its words win, ours fill the gaps.
"""

import gettext
import io
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from mailer.template_error import TemplateError

DOMAIN = "letters"
STAND_ALONE = re.compile(r"'[^']*'|(L+|c+)")
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
"""Unicode UAX 9: a name in another script keeps its own direction and does not drag its neighbours along."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrases:
    """One language's words. `phrases("Hello %(name)s,", name=…)`; `phrases.count(one, many, n)`."""

    language: str  #: BCP 47, as it stands in `lang=`: "zh-Hans"
    locale: Locale
    region: str  #: the locale's own name, "en_GB": dates differ by it
    direction: str  #: "ltr" or "rtl"
    catalog: gettext.NullTranslations = field(repr=False)

    def __call__(self, message: str, **values: object) -> str:
        said = self.catalog.gettext(message)
        return said % self._isolated(values) if values else said

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """The phrase for *number* things: `%(number)s` is written in it."""
        said = self.catalog.ngettext(one, many, number)
        return said % {"number": number, **self._isolated(values)}

    def isolated(self, name: str) -> str:
        """*name* so that it keeps its own direction in a text that runs from right to left."""
        return name if self.direction == "ltr" else f"{ISOLATE}{name}{END_ISOLATE}"

    def _isolated(self, values: Mapping[str, object]) -> Mapping[str, object]:
        if self.direction == "ltr":
            return values
        return {key: self.isolated(value) if isinstance(value, str) else value for key, value in values.items()}

    @staticmethod
    def plain(said: str) -> str:
        """*said* without isolates, for a subject line: some inboxes show them as boxes."""
        return said.replace(ISOLATE, "").replace(END_ISOLATE, "")

    def all_of(self, names: Iterable[str]) -> str:
        """As in "Ida, Leo and Mia"."""
        return format_list([self.isolated(name) for name in names], locale=self.locale)

    def day(self, day: date) -> str:
        """As in "Friday, 27 November 2026"."""
        return self._written(day, str(self.locale.date_formats["full"].pattern))

    def short_day(self, day: date) -> str:
        """As in "Fri, 27 Nov": weekday, day and month."""
        return self._skeleton(day, "MMMEd")

    def day_and_month(self, day: date) -> str:
        """As in "27 November"."""
        return self._skeleton(day, "MMMMd")

    def month(self, day: date) -> str:
        """As in "Nov": the head of a date box."""
        return format_date(day, "MMM", locale=self.locale).rstrip(".")

    def weekday(self, day: date) -> str:
        return format_date(day, "EEE", locale=self.locale).rstrip(".")

    def number_of_day(self, day: date) -> str:
        return format_date(day, "d", locale=self.locale)

    def time(self, moment: datetime, zone: tzinfo) -> str:
        written = format_time(moment.astimezone(zone).timetz(), "short", locale=self.locale)
        return "\u00a0".join(written.split())  # no line ends between "3:30" and "PM"

    def span(self, begins: datetime, ends: datetime, zone: tzinfo) -> str:
        """As in "09:00 – 12:30", or with both days where they differ."""
        first, last = begins.astimezone(zone), ends.astimezone(zone)
        if first.date() != last.date():
            return f"{self.moment(begins, zone)} – {self.moment(ends, zone)}"
        if first == last:
            return self.time(begins, zone)
        return f"{self.time(begins, zone)} – {self.time(ends, zone)}"

    def moment(self, moment: datetime, zone: tzinfo) -> str:
        """As in "Fri, 27 Nov, 16:05"."""
        local = moment.astimezone(zone)
        comma = "، " if self.locale.language == "ar" else " " if self.locale.language == "zh" else ", "
        return f"{self.short_day(local.date())}{comma}{self.time(moment, zone)}"

    def _skeleton(self, day: date, skeleton: str) -> str:
        pattern = self.locale.datetime_skeletons.get(skeleton, self.locale.date_formats["medium"])
        return self._written(day, str(pattern.pattern))

    def _written(self, day: date, pattern: str) -> str:
        # Babel 2.18 resolves the aliases of stand-alone names (L, c) into data that all locales share: whoever is asked
        # first gives every other language her months. The names within a date (M, E) have no aliases.
        inside = STAND_ALONE.sub(
            lambda found: found[0].replace("L", "M").replace("c", "E") if found[1] else found[0], pattern
        )
        return format_date(day, inside, locale=self.locale)


class Library:
    """Every language we have words in, read once each."""

    def __init__(self, folders: Sequence[Path], school_language: str) -> None:
        """*folders* hold `<language>/LC_MESSAGES/letters.po`; the first one's words win."""
        self._folders = tuple(folders)
        self._catalogs: dict[str, gettext.GNUTranslations] = {}
        self._matches: dict[str, Phrases] = {}
        found = {path.parts[-3] for folder in folders for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po")}
        self.languages = tuple(sorted(found))
        if "en" not in found:
            raise TemplateError(f"en/LC_MESSAGES/{DOMAIN}.po is missing: looked in {', '.join(map(str, folders))}")
        self._school = school_language

    def phrases(self, language: str) -> Phrases:
        """The words for *language* ("zh-CN" → zh_Hans, "es-MX" → es); the school's where we have none.

        Dates follow the reader's own country where her tag names one, else the school's ("en-GB": 27 November).
        """
        found = self._matches.get(language)
        if found is None:
            found = self._matches[language] = self._phrases(language)
        return found

    def direction(self, tag: str) -> str:
        """The writing direction of any language, whether we have words in it or not."""
        locale = parsed(tag)
        return str(locale.text_direction) if locale else "ltr"

    def _phrases(self, language: str) -> Phrases:
        wanted, name = parsed(language), match(language, self.languages)
        if name is None:
            wanted, name = parsed(self._school), match(self._school, self.languages) or "en"
        locale, school = Locale.parse(name), parsed(self._school)
        for candidate in (wanted, school):
            if candidate and candidate.territory and match(str(candidate), (name,)):
                locale = candidate
                break
        return Phrases(
            language=name.replace("_", "-"),
            locale=locale,
            region=str(locale),
            direction=str(locale.text_direction),
            catalog=self._catalog(name),
        )

    def _catalog(self, name: str) -> gettext.GNUTranslations:
        if name not in self._catalogs:
            paths = [folder / name / "LC_MESSAGES" / f"{DOMAIN}.po" for folder in self._folders]
            catalogs = [read_catalog(path) for path in paths if path.is_file()]
            for first, second in itertools.pairwise(catalogs):
                first.add_fallback(second)
            self._catalogs[name] = catalogs[0]
        return self._catalogs[name]


def parsed(tag: str) -> Locale | None:
    """The locale a BCP 47 tag names; None for one that nobody knows."""
    try:
        return Locale.parse(tag.strip().replace("_", "-"), sep="-") if tag.strip() else None
    except (ValueError, UnknownLocaleError):
        return None


def match(language: str, available: Sequence[str]) -> str | None:
    """The catalog for a BCP 47 tag: exact, by its script, by its language; None where there is none.

    A reader of another script of the same language gets that catalog before another language: "zh-TW" → zh_Hans.
    """
    wanted = parsed(language)
    base = wanted.language if wanted else language.strip().replace("_", "-").split("-")[0].lower()
    exact = (str(wanted), f"{base}_{wanted.script}", base) if wanted else (base,)
    same_language = (name for name in available if name.split("_")[0] == base)
    return next((name for name in exact if name in available), next(same_language, None))


def read_catalog(path: Path) -> gettext.GNUTranslations:
    """The words of one .po file. A file that cannot be read is a `TemplateError` with its line."""
    try:
        with path.open("rb") as file:
            catalog = read_po(file, abort_invalid=True)
        compiled = io.BytesIO()
        write_mo(compiled, catalog)
    except PoFileError as exc:
        raise TemplateError(f"{path}: line {exc.lineno + 1}: {exc}") from exc
    except (ValueError, UnicodeDecodeError) as exc:
        raise TemplateError(f"{path}: {exc}") from exc
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
