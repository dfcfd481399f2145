"""A mailbox over IMAP: connect safely, fetch what is new, wait for more, move away what is decided.

Only these commands touch mails: UID FETCH with PEEK, UID SEARCH, and on mails of ours UID MOVE, COPY, STORE and
UID EXPUNGE. Never a bare EXPUNGE: it would remove what other people marked as deleted. Seen or unseen means nothing,
for other programs read the mailbox too.
"""

from inbox.fetch import MailboxAway
from inbox.mailbox.mailbox import Mailbox
from inbox.mailbox.settings import LoginRefused, MailboxSettings, Untrusted

__all__ = ["LoginRefused", "Mailbox", "MailboxAway", "MailboxSettings", "Untrusted"]
