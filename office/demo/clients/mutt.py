"""Mutt, and whoever still writes plain text: answers stand below or between what they answer."""

from office.demo.clients.quoting import marked, wrapped
from office.demo.clients.writing import BASE62, Answer, Client, common_headers, message, text_part, with_files


def write(answer: Answer) -> bytes:
    """Plain text only; the quote comes first, trimmed to its first lines, and the words below it."""
    words = "\n".join(piece for line in answer.words.split("\n") for piece in wrapped(line, 72))
    pieces = [words, f"-- \n{answer.author[0]}"]
    if answer.original:
        name = answer.original.from_name or answer.original.from_address
        when = answer.original_date("EEE, MMM dd, y 'at' hh:mm:ssa Z", "en")
        line = f"On {when}, {name} wrote:"
        pieces.insert(0, f"{line}\n{marked(_first_lines(answer.original.text), width=998)}")
    headers = (
        *common_headers(answer, f"<{answer.chance('id', 16, BASE62)}@home.example.org>", chain=50),
        ("MIME-Version", "1.0"),
        ("Content-Disposition", "" if answer.files else "inline"),
        ("User-Agent", "Mutt/2.2.13 (2024-03-09)"),
    )
    text = "\n\n".join(pieces)
    body = text_part("plain", text, "us-ascii" if text.isascii() else "utf-8", "none" if text.isascii() else "8bit")
    return message(headers, with_files(answer, body, answer.chance("boundary", 16, BASE62)))


def _first_lines(text: str, count: int = 6) -> str:
    """Mutt's people trim what they quote."""
    return "\n".join([line for line in text.split("\n") if line.strip()][:count])


CLIENTS = (
    Client(
        name="mutt",
        how="Plain text: a trimmed quote behind `>` first, the words below it, a signature after `-- `.",
        language="en",
        write=write,
    ),
)
