"""The proof book of an issue: every distinct rendering, made by the code that publishes, without planning anything."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from office.wiring import House


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofBook:
    issue_id: str
    letters: int
    renderings: int
    skipped: int
    index: Path
    content_hash: str


def write_proofs(house: House, day: date, out: Path, now: datetime) -> ProofBook:
    raise NotImplementedError(house, day, out, now)
