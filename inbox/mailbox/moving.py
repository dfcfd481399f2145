"""Mails of ours moved to another folder, with the safest command the server has."""

from collections.abc import Sequence

from imapclient.exceptions import IMAPClientError

from inbox.mailbox.client import Client
from inbox.mailbox.dialogue import response_code


def move(client: Client, capabilities: frozenset[str], uids: Sequence[int], target: str) -> set[int]:
    """The mails that left; none where the server can neither MOVE (RFC 6851) nor expunge just these (RFC 4315)."""
    if not capabilities & {"MOVE", "UIDPLUS"}:
        return set()
    can_move = "MOVE" in capabilities
    try:
        _away(client, uids, target, can_move=can_move)
    except IMAPClientError as exc:
        if response_code(exc) != "TRYCREATE":
            raise
        client.create_folder(target)
        _away(client, uids, target, can_move=can_move)
    return set(uids)


def _away(client: Client, uids: Sequence[int], target: str, *, can_move: bool) -> None:
    if can_move:
        client.move(uids, target)
        return
    client.copy(uids, target)
    client.add_flags(uids, [b"\\Deleted"], silent=True)
    client.uid_expunge(uids)
