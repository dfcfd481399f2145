"""MJML with Jinja in it → HTML with the same Jinja in it, compiled once per kind of letter and language.

    files ─ build Jinja ([% %], [[ ]]: includes, macros, words, colours) → one MJML source
          ─ hide (each run-time tag becomes a token) → mjml2html → css-inline → put the tags back
          → an ordinary Jinja template, rendered once per family

Tokens make `<`, `&` and quotes inside a tag safe, let loops stand between MJML elements, and keep the HTML5 parser of
css-inline from moving a tag out of a table. What MJML drops or lets pass in silence is an error here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import css_inline
import mjml
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailer.render.nesting import nesting_fault
from mailer.template_error import TemplateError

RUN_TAG = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
TOKEN = re.compile(r"jx(\d{4})xj")
COMMENT_OR_TOKEN = re.compile(r"<!--jx(\d{4})xj-->|jx(\d{4})xj")
ELEMENT = re.compile(r"<(/?)([a-zA-Z][\w:-]*)(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*?(/?)>")
BARE_LESS_THAN = re.compile(r"<(?![A-Za-z/!?])")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "col", "wbr"})
TABLE_RULE = "border-collapse: collapse;mso-table-lspace: 0pt;mso-table-rspace: 0pt;"
MAX_DEPTH = 50
"""mjml-python 1.4.2 crashes the process on some thousand nested elements; no letter nests fifty."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One template after build-time Jinja, and the files its lines came from."""

    name: str
    text: str
    files: tuple[tuple[str, str], ...]  #: (path, text), the nearest first

    def place(self, line: str) -> str:
        """Where *line* was written: "newsletter/body.mjml, line 12"; the template's name where it cannot be told."""
        wanted = line.strip()
        for path, text in self.files:
            for number, written in enumerate(text.splitlines(), start=1):
                if wanted and (written.strip() == wanted or (len(wanted) > 1 and wanted in written)):
                    return f"{path}, line {number}"
        return self.name

    def place_of_line(self, number: int) -> str:
        """Where line *number* of the assembled text was written."""
        lines = self.text.splitlines()
        return self.place(lines[number - 1]) if 0 < number <= len(lines) else self.name


class Templates:
    """The folders letters are made from: a school's own before ours, so it may replace one file and keep the rest."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self._build = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=False,  # the output is MJML source or plain text; `_` escapes our words
            undefined=StrictUndefined,
            block_start_string="[%",
            block_end_string="%]",
            variable_start_string="[[",
            variable_end_string="]]",
            comment_start_string="[#",
            comment_end_string="#]",
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def source(self, name: str, values: Mapping[str, object]) -> Source:
        """Template *name* with every include and word in place; its run-time tags untouched."""
        try:
            text = self._build.get_template(name).render(values)
        except TemplateNotFound as exc:
            raise TemplateError(
                f"template {exc.name} is missing: looked in {', '.join(map(str, self.folders))}"
            ) from exc
        except TemplateSyntaxError as exc:
            raise TemplateError(f"{exc.filename or exc.name or name}, line {exc.lineno}: {exc.message}") from exc
        except (JinjaError, TypeError, ValueError, KeyError, ArithmeticError) as exc:
            raise TemplateError(f"{self._place_of_failure(exc, name)}: {exc}") from exc
        return Source(name=name, text=text, files=self._files(name))

    def _files(self, name: str) -> tuple[tuple[str, str], ...]:
        """The template and everything beside it that it may include."""
        paths = [folder / name for folder in self.folders]
        paths += [path for folder in self.folders for path in sorted(folder.glob(f"*/*{Path(name).suffix}"))]
        return tuple((str(path), path.read_text(encoding="utf-8")) for path in dict.fromkeys(paths) if path.is_file())

    def _place_of_failure(self, exc: BaseException, name: str) -> str:
        """Jinja names template lines in its tracebacks; the innermost one is the place."""
        trace, place = exc.__traceback__, name
        while trace is not None:
            path = trace.tb_frame.f_code.co_filename
            if any(path.startswith(str(folder)) for folder in self.folders):
                place = f"{path}, line {trace.tb_lineno}"
            trace = trace.tb_next
        return place


def compiled(source: Source) -> str:
    """The HTML template of *source* (MJML); every run-time tag of the source is in it."""
    hidden, tags = hide(source)
    _refuse_nesting(source, hidden, tags)
    try:
        # No fonts: MJML would fetch Roboto and four others from the web, which tells who opened a letter and when.
        html = mjml.mjml2html(hidden, fonts={})
    except ValueError as exc:
        raise TemplateError(_explained(source, exc, hidden, tags)) from exc
    if unknown := re.search(r"</?(mj-?[a-z-]+)", html):  # mrml lets them pass
        raise TemplateError(f"{source.place('<' + unknown[1])}: unknown MJML element <{unknown[1]}>")
    html = css_inline.CSSInliner(keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False).inline(html)
    kept = {int(number) for number in TOKEN.findall(html)}
    for number, tag in enumerate(tags):
        if number not in kept:
            raise TemplateError(f"{source.place(tag)}: MJML dropped {tag}: it cannot stand in this attribute or place")
    if fault := nesting_fault(html):
        raise TemplateError(f"{source.name}: the HTML is not well nested: {fault}")
    # A rule for tables that css-inline writes on every cell too, where it says nothing: an eighth of the letter.
    html = html.replace(f'<td style="{TABLE_RULE}', '<td style="')
    return COMMENT_OR_TOKEN.sub(lambda found: tags[int(found[1] or found[2])], html)


def hide(source: Source) -> tuple[str, list[str]]:
    """The source with each run-time tag replaced by a token, and the tags in token order.

    A {% %} between XML elements becomes <!--jx0001xj-->; every other tag becomes jx0001xj.
    Jinja comments and XML comments are dropped.
    """
    if found := TOKEN.search(source.text):
        raise TemplateError(f"{source.place(found[0])}: {found[0]} is a token of ours: choose another word")
    text = COMMENT.sub("", source.text)
    tags: list[str] = []
    out: list[str] = []
    state = _InElement()
    position = 0
    for match in RUN_TAG.finditer(text):
        between = text[position : match.start()]
        state.read(between)
        out.append(between)
        position = match.end()
        if match[0].startswith("{#"):
            continue
        token = f"jx{len(tags):04d}xj"
        tags.append(match[0])
        out.append(f"<!--{token}-->" if match[0].startswith("{%") and not state.inside else token)
    out.append(text[position:])
    return "".join(out), tags


class _InElement:
    """Are we between < and >? Quotes inside an element may hold a >."""

    def __init__(self) -> None:
        self.inside = False
        self._quote = ""

    def read(self, text: str) -> None:
        for sign in text:
            if not self.inside:
                self.inside = sign == "<"
            elif self._quote:
                self._quote = "" if sign == self._quote else self._quote
            elif sign in "\"'":
                self._quote = sign
            elif sign == ">":
                self.inside = False


def _refuse_nesting(source: Source, hidden: str, tags: list[str]) -> None:
    """Too deep, or closed by another's end: mjml-python crashes on the one, and passes or misplaces the other."""
    opened: list[tuple[str, int]] = []

    def fault(begins: int, why: str) -> TemplateError:
        return TemplateError(f"{_place(source, hidden, begins, tags)}: {why}")

    for found in ELEMENT.finditer(hidden):
        closing, name, alone = found.groups()
        if alone or name.lower() in VOID:
            continue
        if not closing:
            opened.append((name, found.start()))
            if len(opened) > MAX_DEPTH:
                raise fault(found.start(), f"more than {MAX_DEPTH} elements are nested")
        elif not opened:
            raise fault(found.start(), f"</{name}> closes nothing that is open")
        elif opened[-1][0] != name:
            raise fault(opened[-1][1], f"<{opened[-1][0]}> is open where </{name}> comes")
        else:
            opened.pop()
    if opened:
        raise fault(opened[-1][1], f"<{opened[-1][0]}> is never closed")


def _explained(source: Source, error: ValueError, hidden: str, tags: list[str]) -> str:
    """MJML's complaint with the file and line it is about, as far as the compiler tells."""
    if position := re.search(r"at position (\d+):", str(error)):
        offset = len(hidden.encode()[: int(position[1])].decode(errors="ignore"))
    elif bare := BARE_LESS_THAN.search(hidden):
        return f"{_place(source, hidden, bare.start(), tags)}: a < in text is written &lt;"
    else:
        return f"{source.name}: not well-formed MJML ({error}): is every & and < in the text written &amp; and &lt;?"
    return f"{_place(source, hidden, offset, tags)}: {error}"


def _place(source: Source, hidden: str, offset: int, tags: list[str]) -> str:
    begins, ends = hidden.rfind("\n", 0, offset) + 1, hidden.find("\n", offset)
    line = hidden[begins : ends if ends >= 0 else len(hidden)]
    return source.place(COMMENT_OR_TOKEN.sub(lambda found: tags[int(found[1] or found[2])], line))
