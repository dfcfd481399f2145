"""A school's own templates are made in a child process with limits: whatever they do, the service stays up.

2,000 nested elements crash the MJML compiler (and with it the process), and build-time Jinja can ask for any amount of
time or memory. The child has 512 MB, four seconds of processor and ten on the wall; it dies alone, with one clear line.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from mailer.render import forms
from mailer.template_error import TemplateError

MEMORY_BYTES = 512 * 1024 * 1024
PROCESSOR_SECONDS = 4
WALL_SECONDS = 10.0


def draft_guarded(request: Mapping[str, object]) -> forms.Draft:
    """The draft of one kind of letter, made in a child."""
    folders = request["folders"]
    root = Path(__file__).parents[2]
    try:
        done = subprocess.run(  # our own interpreter and module; the request travels on standard input
            [sys.executable, "-m", "mailer.render.guarded"],
            input=json.dumps(request),
            capture_output=True,
            encoding="utf-8",
            timeout=WALL_SECONDS,
            check=False,
            env={"PYTHONPATH": str(root), "PYTHONUTF8": "1", "PATH": os.environ.get("PATH", "")},
        )
    except subprocess.TimeoutExpired as exc:
        raise TemplateError(f"{request['kind']}/ in {folders}: not made within {WALL_SECONDS:.0f} seconds") from exc
    try:
        answer = json.loads(done.stdout)
    except ValueError as exc:
        why = "took too much time or memory" if done.returncode else "gave no answer"
        raise TemplateError(
            f"{request['kind']}/ in {folders}: making the letter {why} (exit {done.returncode})"
        ) from exc
    if "error" in answer:
        raise TemplateError(str(answer["error"]))
    return forms.Draft.from_plain(answer["draft"])


def main() -> None:
    """In the child: one request on standard input, one answer on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        answer: dict[str, object] = {"draft": forms.draft_in_child(json.loads(sys.stdin.read())).to_plain()}
    except TemplateError as exc:
        answer = {"error": str(exc)}
    except (MemoryError, RecursionError, OverflowError) as exc:
        answer = {"error": f"making the letter took too much: {type(exc).__name__}"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
