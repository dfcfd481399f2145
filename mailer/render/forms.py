"""One kind of letter in one language, from its three files to three templates: `subject.txt`, `body.mjml`, `body.txt`.

Our own templates are made here; a school's are made in a child process with limits (`guarded.py`), because a template
may crash the MJML compiler or never end. What comes out is text, so both ways meet again in `Form`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

import jinja2

from mailer import markdown
from mailer.phrases import Library, Phrases
from mailer.render.colours import palette
from mailer.render.compiler import Source, Templates, compiled
from mailer.render.subset import refused
from mailer.template_error import TemplateError

KINDS = ("newsletter", "digest", "answer", "notice")
ITEM_KINDS = ("news", "event", "question", "try")
SANS = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans',sans-serif"
SERIF = "Georgia,'Iowan Old Style','Times New Roman','Noto Serif',serif"
#: Scripts whose letters are not in Georgia keep one family for headings and text.
FONTS = {
    "ar": "'Segoe UI','Geeza Pro','Noto Naskh Arabic','Noto Sans Arabic',Tahoma,Arial,sans-serif",
    "zh": "-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',Arial,sans-serif",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """The three templates as text: run-time tags only, the body already HTML."""

    subject: Source
    body: Source
    html: str
    text: Source

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> "Draft":
        """A draft that crossed a process border as JSON."""
        parts = {name: _source(plain[name]) for name in ("subject", "body", "text")}
        return cls(html=str(plain["html"]), **parts)

    def to_plain(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One kind of letter in one language, ready to be filled in."""

    subject: jinja2.Template
    html: jinja2.Template
    text: jinja2.Template
    sources: tuple[Source, ...]

    def place(self, word: str) -> str:
        """Where *word* is used; empty when it is not."""
        return next((source.place(word) for source in self.sources if word and word in source.text), "")


def draft(kind: str, folders: tuple[Path, ...], phrases: Phrases, colour: str) -> Draft:
    """The letter's three templates with every include, fixed word and colour in place."""
    templates = Templates(folders)
    values = {**_known(phrases, colour), "_": phrases}
    body = templates.source(f"{kind}/body.mjml", {**values, "_": lambda said: escape(phrases(said), quote=False)})
    return Draft(
        subject=templates.source(f"{kind}/subject.txt", values),
        body=body,
        html=compiled(body),
        text=templates.source(f"{kind}/body.txt", values),
    )


def draft_in_child(request: Mapping[str, object]) -> Draft:
    """As `draft`, from the plain request that `guarded.py` sends into the child."""
    folders = tuple(Path(str(folder)) for folder in _list(request["folders"]))
    library = Library([folder / "locale" for folder in folders], str(request["school_language"]))
    return draft(str(request["kind"]), folders, library.phrases(str(request["language"])), str(request["colour"]))


class FormMaker:
    """Parses drafts; holds the two environments: one escapes (HTML), one does not (plain text)."""

    def __init__(self) -> None:
        self._html = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
        self._plain = jinja2.Environment(
            autoescape=False,  # noqa: S701  # plain text: "<" is "<"
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        for environment in (self._html, self._plain):
            environment.globals.clear()  # range(), dict() and the like: see subset.py
            environment.filters["wrapped"] = markdown.wrap

    def form(self, draft: Draft, phrases: Phrases) -> Form:
        spoken: dict[str, object] = {"_": phrases, "_n": phrases.count}
        return Form(
            subject=self._parsed(self._plain, draft.subject, draft.subject.text, spoken),
            html=self._parsed(self._html, draft.body, draft.html, spoken),
            text=self._parsed(self._plain, draft.text, draft.text.text, spoken),
            sources=(draft.subject, draft.body, draft.text),
        )

    def _parsed(
        self, environment: jinja2.Environment, source: Source, text: str, spoken: dict[str, object]
    ) -> jinja2.Template:
        try:
            # The source first: MJML moves lines, and Jinja would compute constants before we could refuse them.
            if fault := refused(environment.parse(source.text)):
                raise TemplateError(f"{source.place_of_line(fault[0])}: {fault[1]}")
            return environment.from_string(text, globals=spoken)
        except jinja2.TemplateSyntaxError as exc:
            raise TemplateError(f"{source.place_of_line(exc.lineno)}: {exc.message}") from exc
        except RecursionError as exc:
            raise TemplateError(f"{source.name}: too deeply nested") from exc


def _known(phrases: Phrases, colour: str) -> dict[str, object]:
    """What is known when a form is made: language, direction, fonts and colours."""
    rtl = phrases.direction == "rtl"
    fonts = FONTS.get(phrases.locale.language)
    return {
        "lang": phrases.language,
        "dir": phrases.direction,
        "rtl": rtl,
        "start": "right" if rtl else "left",
        "end": "left" if rtl else "right",
        "font": fonts or SANS,
        "heading_font": fonts or SERIF,
        "kinds": ITEM_KINDS,
        **palette(colour),
    }


# Any: JSON as it comes back from the child.
def _source(plain: object) -> Source:
    assert isinstance(plain, dict)
    files = tuple((str(path), str(text)) for path, text in plain["files"])
    return Source(name=str(plain["name"]), text=str(plain["text"]), files=files)


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
