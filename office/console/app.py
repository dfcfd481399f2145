"""One-click stop of the weekly letter (RFC 8058): a POST acts, at once and as often as it comes; a GET never does.

Mail scanners follow every link in a letter, so the page a GET shows only holds a button. Whoever holds a forwarded
letter can stop it; the guardian is told by her next letter's absence in the office's ledger, and one command undoes it.
"""

from collections.abc import Callable
from datetime import datetime
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from office.jobs.stopping import stop_letters
from office.wiring import House
from school.letter import LetterKind
from school.reply_address import TokenKind, read

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>{school}</title>
<style>body{{font:18px/1.6 Georgia,serif;max-width:32rem;margin:4rem auto;padding:0 1rem;
color:#2b2a27;background:#f4f0e8}}
button{{font:inherit;padding:.5rem 1.2rem;border:0;border-radius:.5rem;color:#fff;background:#1f5f5b}}</style></head>
<body><h1>{school}</h1>{body}</body></html>"""
ASK = '<p>Stop the weekly letter to this address?</p><form method="post"><button>Stop the weekly letter</button></form>'
DONE = "<p>The weekly letter is stopped. Teachers can still answer you. To get it again, write to {contact}.</p>"
UNKNOWN = "<p>This address is not valid any more. Please write to {contact}.</p>"
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def console(house: House, clock: Callable[[], datetime]) -> Starlette:
    """The web application; its addresses are the ROUTES below."""

    def stop(request: Request) -> Response:
        """`/stop/{token}`: a button for a person, an act for a POST."""
        try:
            guardian_id = guardian_of(house, request.path_params["token"])
            if guardian_id is None:
                return page(house, UNKNOWN, status=404)
            if request.method != "POST":
                return page(house, ASK)
            stop_letters(house, guardian_id, "one-click", clock())
            return page(house, DONE)
        finally:
            house.database.close()  # each worker thread has a connection of its own

    def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    routes = [Route("/stop/{token}", stop, methods=["GET", "POST"]), Route("/health", health)]
    return Starlette(routes=routes)


def guardian_of(house: House, token_text: str) -> str | None:
    """The guardian a letter's token belongs to; None for anything else, so that nobody can try names out."""
    token = read(token_text, house.keys)
    if token is None or token.kind is not TokenKind.DISPATCH:
        return None
    dispatch = house.outbox.dispatch(token.public_id)
    if dispatch is None or dispatch.revoked or dispatch.kind is not LetterKind.NEWSLETTER:
        return None
    return dispatch.recipient_id


def page(house: House, body: str, status: int = 200) -> HTMLResponse:
    school = house.settings.school
    text = PAGE.format(school=escape(school.name), body=body.format(contact=escape(school.contact)))
    return HTMLResponse(text, status_code=status, headers=NO_STORE)
