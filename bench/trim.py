"""Replies trimmed per second, text and HTML, against three well-known libraries on the same messages.

The messages are a reply corpus when `FRIDAYFOLDER_CORPUS` names the folder of its `cases.jsonl`, else this house's
own letters. Processor time is counted, since all of them only compute. A peer counts as comparable when its share of
exact results is within twenty points of ours.
"""

import contextlib
import json
import os
import re
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inbox.parse import parse
from inbox.trim import trim

LETTERS = Path(__file__).parents[1] / "tests" / "letters"
ROUNDS = 3
COMPARABLE_POINTS = 0.20
MAX_SECONDS_PER_PEER = 60


@dataclass(frozen=True, slots=True)
class Message:
    """One body and, where it is known, the author's words in it."""

    body: str
    expected: str | None


def ours_text(body: str) -> str:
    return trim(body).new_text


def ours_html(body: str) -> str:
    return trim("", body).new_text


def quotequail_text(body: str) -> str:
    import quotequail

    found = quotequail.unwrap(body)
    if found is None:
        return "\n".join(part for is_new, part in quotequail.quote(body) if is_new)
    return "\n".join(filter(None, (found.get("text_top"), found.get("text_bottom"))))


def quotequail_html(body: str) -> str:
    import quotequail

    found = quotequail.unwrap_html(body)
    html = body if found is None else "".join(filter(None, (found.get("html_top"), found.get("html_bottom"))))
    return re.sub(r"<[^>]*>", " ", html)


def mail_parser_reply(body: str) -> str:
    from mailparser_reply import EmailReplyParser

    languages = ["en", "de", "fr", "es", "it", "nl", "da", "sv", "pl", "ja", "ko", "zh"]
    return EmailReplyParser(languages=languages).parse_reply(text=body) or ""


def email_reply_parser(body: str) -> str:
    from email_reply_parser import EmailReplyParser

    return EmailReplyParser.parse_reply(body)


PEERS: dict[str, dict[str, Callable[[str], str]]] = {
    "text": {
        "quotequail": quotequail_text,
        "mail-parser-reply": mail_parser_reply,
        "email-reply-parser": email_reply_parser,
    },
    "html": {"quotequail": quotequail_html},
}
OURS = {"text": ours_text, "html": ours_html}


def measure() -> dict[str, dict[str, object]]:
    """The figures for the keys `trim` and `trim.html`: messages per second, ours and the comparable peer's."""
    results = {}
    for kind, messages in _messages().items():
        ours = _rate(OURS[kind], messages)
        peers = {name: _rate(peer, messages) for name, peer in PEERS[kind].items()}
        results["trim" if kind == "text" else f"trim.{kind}"] = _row(ours, peers, len(messages))
    return results


def _row(ours: dict[str, float], peers: dict[str, dict[str, float]], count: int) -> dict[str, object]:
    comparable = {name: row for name, row in peers.items() if row["exact"] >= ours["exact"] - COMPARABLE_POINTS}
    # The fastest that is as good; where none is, the one that comes nearest.
    best = max(comparable or peers, key=lambda name: peers[name]["rate" if comparable else "exact"])
    return {
        "value": round(ours["rate"], 1),
        "unit": "messages/s",
        "peer": best,
        "peer_value": round(peers[best]["rate"], 1),
        "ratio": round(ours["rate"] / peers[best]["rate"], 2),
        "exact": round(ours["exact"], 4),
        "messages": count,
        "comparable": sorted(comparable),
        "peers": {name: {key: round(value, 4) for key, value in row.items()} for name, row in peers.items()},
    }


def _rate(reader: Callable[[str], str], messages: list[Message]) -> dict[str, float]:
    """Messages per second over the best round, the share of exact results, and how many it failed on."""
    failed, right, known = 0, 0, 0
    for message in messages:  # a first round warms caches and counts
        try:
            got = reader(message.body)
        except Exception:  # noqa: BLE001 - a peer may raise anything; that is one of the figures
            failed, got = failed + 1, None
        if message.expected is not None:
            known += 1
            right += got is not None and _squeezed(got) == _squeezed(message.expected)
    best = float("inf")
    deadline = time.process_time() + MAX_SECONDS_PER_PEER
    for _ in range(ROUNDS):
        start = time.process_time()
        for message in messages:
            with contextlib.suppress(Exception):
                reader(message.body)
        best = min(best, time.process_time() - start)
        if time.process_time() > deadline:
            break
    return {"rate": len(messages) / best, "exact": right / known if known else 0.0, "failed": float(failed)}


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _messages() -> dict[str, list[Message]]:
    corpus = os.environ.get("FRIDAYFOLDER_CORPUS")
    found = _of_corpus(Path(corpus)) if corpus else _of_letters()
    return {kind: messages for kind, messages in found.items() if messages}


def _of_corpus(folder: Path) -> dict[str, list[Message]]:
    """The untagged reply cases, by kind."""
    found: dict[str, list[Message]] = {"text": [], "html": []}
    for line in (folder / "cases.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        kind = case["kind"].removeprefix("reply-")
        if kind in found and not case["policy"]:
            body = (folder / case["input"]).read_text("utf-8", errors="replace")
            found[kind].append(Message(body, case["expected"].get("text")))
    return found


def _of_letters() -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = {"text": [], "html": []}
    for path in sorted(LETTERS.glob("*.eml")):
        expected = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))["new_text"]
        mail = parse(path.read_bytes())
        if mail.text.strip():
            found["text"].append(Message(mail.text, expected))
        if mail.html.strip():
            found["html"].append(Message(mail.html, expected))
    return found


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
