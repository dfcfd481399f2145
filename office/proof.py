"""The proof book of an issue: every distinct letter as families will see it, and who gets none and why.

Guardians whose letters differ only in names and addresses share one page, so a school of a thousand families reads some
dozens. Nothing is planned or sent; this file only writes into the folder it is given.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from mailer.edition import without_button
from mailer.letter_size import too_long
from mailer.render import LetterPress, NewsletterLinks, Rendered
from office.proof_index import IndexLine, index_page
from school.issue import Edition, Issue, Item, Skipped
from school.people import Child, Guardian


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofGroup:
    """One distinct letter, as its first reader gets it, and everybody who gets the like."""

    example: Edition
    rendered: Rendered
    readers: tuple[Guardian, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    issue: Issue
    groups: tuple[ProofGroup, ...]
    skipped: tuple[Skipped, ...]

    @property
    def letters(self) -> int:
        return sum(len(group.readers) for group in self.groups)


@dataclass(slots=True)
class _Gathered:
    example: Edition
    readers: list[Guardian] = field(default_factory=list)


def gather(issue: Issue, results: Iterable[Edition | Skipped], press: LetterPress) -> Proof:
    """The issue's distinct letters, the most frequent first; *results* come from `mailer.edition.for_guardian`."""
    gathered: dict[str, _Gathered] = {}
    skipped: list[Skipped] = []
    for result in results:
        if isinstance(result, Skipped):
            skipped.append(result)
            continue
        masked = _masked(result)
        rendered = press.newsletter(masked, stand_in_links(masked, press))
        held = gathered.setdefault(_fingerprint(rendered), _Gathered(example=result))
        held.readers.append(result.guardian)
    groups = (_group(held, press) for held in gathered.values())
    return Proof(
        issue=issue,
        groups=tuple(sorted(groups, key=lambda group: (-len(group.readers), group.readers[0].id))),
        skipped=tuple(skipped),
    )


def write_proof(out: Path, proof: Proof, press: LetterPress, names: dict[str, str] | None = None) -> Path:
    """Writes `index.html` and a page and a text per distinct letter; returns the index.

    *names* are the guardians' names by id, to show for those who get no letter. Pages of an earlier proof are removed.
    """
    out.mkdir(parents=True, exist_ok=True)
    for old in (*out.glob("letter-*.html"), *out.glob("letter-*.txt")):
        old.unlink()
    lines = []
    for number, group in enumerate(proof.groups, start=1):
        name = f"letter-{number:03d}"
        out.joinpath(f"{name}.html").write_text(group.rendered.html, encoding="utf-8")
        out.joinpath(f"{name}.txt").write_text(group.rendered.text, encoding="utf-8")
        lines.append(_line(name, group))
    known = names or {}
    absent = [(known.get(gap.guardian_id, gap.guardian_id), gap.reason) for gap in proof.skipped]
    index = out / "index.html"
    index.write_text(index_page(press.face.name, proof.issue, lines, absent), encoding="utf-8")
    return index


def stand_in_links(edition: Edition, press: LetterPress) -> NewsletterLinks:
    """Addresses that look like the real ones and lead nowhere: a proof may be printed and passed round."""
    domain = press.face.contact_address.rpartition("@")[2]
    ordinals = [section.ordinal for section in edition.sections if section.ordinal]
    return NewsletterLinks(
        reply_to=f"proof@{domain}",
        section_reply={ordinal: f"proof+{ordinal:02d}@{domain}" for ordinal in ordinals},
        section_ref={ordinal: f"Ref proof-{ordinal:02d}" for ordinal in ordinals},
        unsubscribe_mail=f"proof@{domain}",
    )


def _masked(edition: Edition) -> Edition:
    """The edition without what is the guardian's own: her name, and her children's in their order."""
    order = {child: number for number, child in enumerate(dict.fromkeys(s.child.id for s in edition.sections), start=1)}
    return replace(
        edition,
        guardian=Guardian(id="", given_name="…", family_name=""),
        sections=tuple(replace(s, child=_child(order[s.child.id])) for s in edition.sections),
    )


def _child(number: int) -> Child:
    return Child(id=str(number), given_name=f"#{number}", family_name="")


def _fingerprint(rendered: Rendered) -> str:
    held = hashlib.sha256()
    for part in (rendered.language, rendered.subject, rendered.html, rendered.text):
        held.update(part.encode() + b"\0")
    for enclosure in rendered.attachments:
        held.update(enclosure.data + b"\0")
    return held.hexdigest()


def _group(held: _Gathered, press: LetterPress) -> ProofGroup:
    rendered = press.newsletter(held.example, stand_in_links(held.example, press))
    return ProofGroup(
        example=held.example,
        rendered=rendered,
        readers=tuple(held.readers),
        warnings=tuple(_warnings(held.example, rendered, press.face.language)),
    )


def _warnings(edition: Edition, rendered: Rendered, school_language: str) -> Iterator[str]:
    if long := too_long(edition, rendered.html, school_language):
        yield f"does not go out: {long.words()}" if long.cut else long.words()
    if untranslated := [item for item in _items(edition) if not _has_language(item, edition, rendered)]:
        yield f"{len(untranslated)} of {len(_items(edition))} items are not in {edition.language}"
    if folded := without_button(edition):
        yield f"{len(folded)} sections have no button of their own (a letter carries 31)"
    if nobody := [section for section in edition.sections if not section.teachers]:
        yield f"{len(nobody)} sections have no teacher today: answers go to the office"
    if not any(section.items for section in edition.sections) and not edition.shared:
        yield "no items at all: it only asks whether there is something to tell"


def _items(edition: Edition) -> tuple[Item, ...]:
    every = (*edition.shared, *(item for section in edition.sections for item in section.items))
    return tuple({item.id: item for item in every}.values())


def _has_language(item: Item, edition: Edition, rendered: Rendered) -> bool:
    wanted = {edition.language.split("-")[0], rendered.language.split("-")[0]}
    return any(tag.split("-")[0] in wanted for tag in item.texts)


def _line(name: str, group: ProofGroup) -> IndexLine:
    return IndexLine(
        page=f"{name}.html",
        text=f"{name}.txt",
        subject=group.rendered.subject,
        language=group.rendered.language,
        classes=tuple(dict.fromkeys(section.class_group.title for section in group.example.sections)),
        items=len(_items(group.example)),
        size_bytes=len(group.rendered.html.encode()),
        readers=tuple(reader.full_name or reader.id for reader in group.readers),
        warnings=group.warnings,
    )
