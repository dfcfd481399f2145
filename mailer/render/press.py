"""The press: sets a newsletter, a digest, an answer or a notice from plain values.

Each kind of letter is compiled once per language; then one letter is three Jinja templates (subject, HTML, text) and nothing
else. The same values give the same bytes, in any process and on any day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import jinja2

import mailer
from mailer import markdown
from mailer.phrases import Library, Phrases
from mailer.render import correspondence
from mailer.render.colours import palette
from mailer.render.compiler import Source, Templates, compiled
from mailer.render.names import one_line
from mailer.render.newsletter import Newsdesk, fingerprints
from mailer.render.pages import AnswerPage, DigestPage, NewsletterLinks, NoticePage, Rendered, SchoolFace
from mailer.template_error import TemplateError
from school.issue import Edition

KIND_NAMES = ("news", "event", "question", "try")
SANS = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans',sans-serif"
FONTS = {
    "ar": "'Segoe UI','Geeza Pro','Noto Naskh Arabic','Noto Sans Arabic',Tahoma,Arial,sans-serif",
    "zh": "-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',Arial,sans-serif",
}
HEADINGS = {"ar": FONTS["ar"], "zh": FONTS["zh"]}
SERIF = "Georgia,'Iowan Old Style','Times New Roman','Noto Serif',serif"


def template_folder() -> Path:
    """Where our templates lie: inside the installed package, else beside it in a checkout."""
    package = Path(mailer.__file__).parent
    installed = package / "_templates"
    return installed if installed.is_dir() else package.parent / "templates"


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One kind of letter in one language, ready to be filled in."""

    subject: jinja2.Template
    html: jinja2.Template
    text: jinja2.Template
    sources: tuple[Source, ...]


class LetterPress:
    """Compiled forms and prepared items; keep one for as long as the templates and the school's face stay the same."""

    def __init__(self, template_folder: Path | None, face: SchoolFace) -> None:
        """*template_folder*: a school's own templates, laid over ours; None = ours alone."""
        self.face = face
        self._folders = _folders(template_folder)
        self._templates = Templates(self._folders)
        self._library = Library([folder / "locale" for folder in self._folders], face.language)
        self._newsdesk = Newsdesk(face, self._library)
        self._palette = palette(face.colour)
        self._forms: dict[tuple[str, str, str], Form] = {}
        self._html = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
        self._plain = jinja2.Environment(
            autoescape=False,  # noqa: S701  # plain text: "<" is "<"
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._plain.filters["wrapped"] = markdown.wrap

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages we have words in, as catalogs name them: ("ar", "en", "es", "zh_Hans")."""
        return self._library.languages

    def newsletter(self, edition: Edition, links: NewsletterLinks) -> Rendered:
        """One guardian's newsletter."""
        phrases = self._library.phrases(edition.language)
        view = self._newsdesk.view(edition, links, phrases)
        return self._set(
            "newsletter",
            phrases,
            view,
            preheader=view.preheader,
            attachments=view.enclosures,
            fingerprints=fingerprints(view),
        )

    def digest(self, page: DigestPage) -> Rendered:
        """A teacher's daily digest."""
        phrases = self._library.phrases(page.language or self.face.language)
        view = correspondence.digest(page, phrases, self.face)
        return self._set("digest", phrases, view, preheader=view.preheader)

    def answer(self, page: AnswerPage) -> Rendered:
        """A teacher's answer to one guardian."""
        phrases = self._library.phrases(page.language)
        view = correspondence.answer(page, phrases)
        return self._set("answer", phrases, view, preheader=view.preheader)

    def notice(self, page: NoticePage) -> Rendered:
        """An automatic letter: receipt, question, confirmation, text that could not be placed."""
        phrases = self._library.phrases(page.language or self.face.language)
        view = correspondence.notice(page, phrases, self.face)
        return self._set("notice", phrases, view, preheader=view.preheader)

    # Any: what a Rendered takes besides the bodies.
    def _set(self, kind: str, phrases: Phrases, view: object, *, preheader: str, **rest: object) -> Rendered:
        form = self._form(kind, phrases)
        values = {"letter": view, "school": self.face, "preheader": preheader}
        try:
            subject = one_line(phrases.plain(form.subject.render(values)))
            html = form.html.render({**values, "subject": subject})
            text = form.text.render({**values, "subject": subject})
        except (jinja2.TemplateError, TypeError, ValueError, KeyError) as exc:
            raise TemplateError(f"{_place(form, kind, exc)}: {exc}") from exc
        return Rendered(
            subject=subject,
            preheader=preheader,
            html=html,
            text=_tidy(text),
            language=phrases.language,
            direction=phrases.direction,
            **rest,  # type: ignore[arg-type]  # attachments and fingerprints, from the one caller that has them
        )

    def _form(self, kind: str, phrases: Phrases) -> Form:
        key = (kind, phrases.language, str(phrases.locale))
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = self._compile(kind, phrases)
        return form

    def _compile(self, kind: str, phrases: Phrases) -> Form:
        values = self._build_values(phrases)
        subject = self._templates.source(f"{kind}/subject.txt", values)
        body = self._templates.source(f"{kind}/body.mjml", {**values, "_": lambda said: escape(phrases(said), quote=False)})
        text = self._templates.source(f"{kind}/body.txt", values)
        spoken = {"_": phrases, "_n": phrases.count, "kinds": KIND_NAMES}
        return Form(
            subject=self._parsed(self._plain, subject, subject.text, spoken),
            html=self._parsed(self._html, body, compiled(body), spoken),
            text=self._parsed(self._plain, text, text.text, spoken),
            sources=(subject, body, text),
        )

    def _build_values(self, phrases: Phrases) -> dict[str, object]:
        """What is known when a form is made: direction, fonts, colours and the fixed words."""
        language = phrases.locale.language
        rtl = phrases.direction == "rtl"
        return {
            "lang": phrases.language,
            "dir": phrases.direction,
            "rtl": rtl,
            "start": "right" if rtl else "left",
            "end": "left" if rtl else "right",
            "font": FONTS.get(language, SANS),
            "heading_font": HEADINGS.get(language, SERIF),
            "spaced": "0" if language in FONTS else "0.06em",
            "capitals": "none" if language in FONTS else "uppercase",
            "light": self._palette["light"],
            "dark": self._palette["dark"],
            "kinds": KIND_NAMES,
            "_": phrases,
        }

    def _parsed(
        self, environment: jinja2.Environment, source: Source, text: str, spoken: dict[str, object]
    ) -> jinja2.Template:
        try:
            environment.parse(source.text)  # before MJML moved the lines, so the line is one of the source
            return environment.from_string(text, globals={**environment.globals, **spoken})
        except jinja2.TemplateSyntaxError as exc:
            line = source.text.splitlines()[exc.lineno - 1 : exc.lineno]
            raise TemplateError(f"{source.place(line[0] if line else '')}: {exc.message}") from exc


def _folders(own: Path | None) -> tuple[Path, ...]:
    if own is None:
        return (template_folder(),)
    if not own.is_dir():
        raise TemplateError(f"{own} is not a folder: name the folder with your templates, or leave the setting out")
    return (own, template_folder())


def _place(form: Form, kind: str, exc: Exception) -> str:
    """The file and line that uses the name Jinja did not find."""
    missing = str(exc).rsplit("'", 2)[-2] if "'" in str(exc) else ""
    places: Callable[[Source], str] = lambda source: source.place(missing)  # noqa: E731  # one use, read here
    found = (places(source) for source in form.sources if missing and missing in source.text)
    return next(found, f"{kind}/")


def _tidy(text: str) -> str:
    """No space at a line's end, no more than one empty line, one line end at the end."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"
