"""Paragraphs from format=flowed text (RFC 3676): soft line breaks joined, stuffed blanks taken out."""


def unflow(text: str, *, delete_space: bool = False) -> str:
    """The text as it was typed; lines of different quote depth are never joined, nor the signature mark."""
    out: list[str] = []
    open_depth = -1  # depth of the line that waits for its rest; -1 when none waits
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")  # RFC 3676 §4.4: a blank that was stuffed in
        is_signature_mark = content in ("-- ", "--")
        joins = depth == open_depth and not is_signature_mark
        if not joins:
            out.append("\n" + ">" * depth + (" " if depth and content else ""))
        flows = content.endswith(" ") and not is_signature_mark and bool(content.strip())
        out.append(content[:-1] if flows and delete_space else content)
        open_depth = depth if flows else -1
    return "".join(out).removeprefix("\n")
