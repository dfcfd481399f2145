"""The press: sets a newsletter, a digest, an answer or a notice from plain values.

Each kind of letter is compiled once per language; then one letter is three Jinja templates (subject, HTML, text) and
nothing else. The same values give the same bytes, in any process and on any day.
"""

from dataclasses import replace
from pathlib import Path

import jinja2

import mailer
from mailer.phrases import Library, Phrases
from mailer.render import answer_view, digest_view, notice_view
from mailer.render.forms import Draft, Form, FormMaker, draft
from mailer.render.guarded import draft_guarded
from mailer.render.newsletter import Newsdesk, fingerprints
from mailer.render.pages import AnswerPage, DigestPage, NewsletterLinks, NoticePage, Rendered, SchoolFace
from mailer.signs import one_line
from mailer.template_error import TemplateError
from school.issue import Edition


def template_folder() -> Path:
    """Where our templates lie: inside the installed package, else beside it in a checkout."""
    package = Path(mailer.__file__).parent
    installed = package / "_templates"
    return installed if installed.is_dir() else package.parent / "templates"


class LetterPress:
    """Compiled forms and prepared items; keep one for as long as the templates and the school's face stay the same."""

    def __init__(self, template_folder: Path | None, face: SchoolFace) -> None:
        """*template_folder*: a school's own templates, laid over ours; None = ours alone."""
        self.face = _safe(face)
        self._folders = _folders(template_folder)
        self._library = Library([folder / "locale" for folder in self._folders], face.language)
        self._newsdesk = Newsdesk(self.face, self._library)
        self._maker = FormMaker()
        self._forms: dict[tuple[str, str, str], Form] = {}

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
        view = digest_view.view(page, phrases, self.face)
        return self._set("digest", phrases, view, preheader=view.preheader)

    def answer(self, page: AnswerPage) -> Rendered:
        """A teacher's answer to one guardian."""
        phrases = self._library.phrases(page.language)
        view = answer_view.view(page, phrases)
        return self._set("answer", phrases, view, preheader=view.preheader)

    def notice(self, page: NoticePage) -> Rendered:
        """An automatic letter: receipt, question, confirmation, text that could not be placed."""
        phrases = self._library.phrases(page.language or self.face.language)
        view = notice_view.view(page, phrases, self.face)
        return self._set("notice", phrases, view, preheader=view.preheader)

    def labels(self, page: NoticePage) -> tuple[str, ...]:
        """The words on each button of a notice, as the mail that it opens holds them."""
        return notice_view.labels(page, self._library.phrases(page.language or self.face.language))

    def thanks(self, language: str) -> str:
        """A teacher's friendly word of thanks, when she wrote no more than that."""
        return answer_view.thanks(self._library.phrases(language))

    def digest_foot(self) -> str:
        """How the foot of a digest begins: no item goes on below it."""
        return digest_view.foot(self._library.phrases(self.face.language))

    def digest_breaks(self) -> tuple[str, ...]:
        """The headings between a digest's items that are no child's name."""
        return digest_view.breaks(self._library.phrases(self.face.language))

    # Any: what a Rendered takes besides the bodies.
    def _set(self, kind: str, phrases: Phrases, view: object, *, preheader: str, **rest: object) -> Rendered:
        form = self._form(kind, phrases)
        values = {"letter": view, "school": self.face, "preheader": preheader}
        try:
            subject = one_line(phrases.plain(form.subject.render(values)))
            html = form.html.render({**values, "subject": subject})
            text = form.text.render({**values, "subject": subject})
        except (jinja2.TemplateError, TypeError, ValueError, KeyError) as exc:
            raise TemplateError(f"{form.place(_missing(exc)) or kind + '/'}: {exc}") from exc
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
        key = (kind, phrases.language, phrases.region)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = self._maker.form(self._draft(kind, phrases), phrases)
        return form

    def _draft(self, kind: str, phrases: Phrases) -> Draft:
        if len(self._folders) == 1:
            return draft(kind, self._folders, phrases, self.face.colour)
        return draft_guarded(
            {
                "kind": kind,
                "folders": [str(folder) for folder in self._folders],
                "language": phrases.region.replace("_", "-"),
                "school_language": self.face.language,
                "colour": self.face.colour,
            }
        )


def _safe(face: SchoolFace) -> SchoolFace:
    """The face with every line on one line, and a website only where it is https."""
    website = one_line(face.website)
    return replace(
        face,
        name=one_line(face.name),
        postal_line=one_line(face.postal_line),
        contact_address=one_line(face.contact_address),
        website=website if website.startswith("https://") else "",
    )


def _folders(own: Path | None) -> tuple[Path, ...]:
    if own is None:
        return (template_folder(),)
    if not own.is_dir():
        raise TemplateError(f"{own} is not a folder: name the folder with your templates, or leave the setting out")
    return (own, template_folder())


def _missing(exc: Exception) -> str:
    """The name Jinja did not find: "'letter' has no attribute 'gurdian'" → gurdian."""
    parts = str(exc).split("'")
    return parts[-2] if len(parts) > 2 else ""


def _tidy(text: str) -> str:
    """No space at a line's end, no more than one empty line, one line end at the end."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"
