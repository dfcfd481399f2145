"""The proof book of an issue: every distinct rendering, made by the code that publishes, without planning anything."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from mailer.edition import ItemShelf
from office.jobs.canary import send_canaries
from office.jobs.issues import content_hash, issue_of, items_of
from office.proof import Proof, gather, write_proof
from office.wiring import House
from school.issue import Edition


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofBook:
    issue_id: str
    letters: int
    renderings: int
    skipped: int
    index: Path
    content_hash: str
    canaries: int = 0  #: letters planned to the office
    warnings: tuple[tuple[int, str], ...] = ()  #: (letters, what to look at), the most frequent first


def write_proofs(house: House, day: date, out: Path, now: datetime, *, send: bool = False) -> ProofBook:
    """The book in *out*, to be read with a browser before the issue is approved. *send*: the office gets mail too."""
    issue = issue_of(house, day)
    items = items_of(house, issue)
    shelf = ItemShelf.of(items)
    names: dict[str, str] = {}
    letters = 0
    publisher = house.publisher
    results = []
    for addressee in house.people.addressees(max(issue.date, now.astimezone(house.zone).date())):
        names[addressee.guardian.id] = addressee.guardian.full_name
        result = publisher.edition(issue, shelf, addressee)
        letters += isinstance(result, Edition)
        results.append(result)
    proof = gather(issue, results, house.press)
    return ProofBook(
        issue_id=issue.id,
        letters=letters,
        renderings=len(proof.groups),
        skipped=len(results) - letters,
        index=write_proof(out, proof, house.press, names),
        content_hash=content_hash(items),
        canaries=send_canaries(house, proof, content_hash(items), now) if send else 0,
        warnings=_warnings(proof),
    )


def _warnings(proof: Proof) -> tuple[tuple[int, str], ...]:
    """Each warning of the book once."""
    counts = Counter[str]()
    for group in proof.groups:
        for words in group.warnings:
            counts[words] += len(group.readers)
    return tuple((letters, words) for words, letters in counts.most_common())
