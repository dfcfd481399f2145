"""When a letter is tried again, and when it is given up."""

from datetime import datetime, timedelta

from school.letter import LetterKind

# RFC 5321 §4.5.4.1: at least 30 minutes apart, but the first retry sooner: greylisting opens after five minutes or so.
FIRST_RETRY = (timedelta(minutes=6), timedelta(minutes=20))
LATER_RETRIES = (
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
)
DOMAIN_PAUSE = timedelta(minutes=30)

#: A newsletter older than the weekend is no news; a person's answer waits the five days RFC 5321 §4.5.4.1 names.
LIFE = {
    LetterKind.NEWSLETTER: timedelta(hours=72),
    LetterKind.DIGEST: timedelta(hours=48),
    LetterKind.ANSWER: timedelta(days=5),
    LetterKind.NOTICE: timedelta(hours=48),
}


def wait_before(attempt: int, spread: int) -> timedelta:
    """How long to wait before attempt *attempt* (1 = the first retry).

    *spread*, any whole number (the letter's id), places the first retries evenly over their quarter of an hour, so a
    greylisted run does not come back all at once.
    """
    if attempt <= 1:
        earliest, latest = FIRST_RETRY
        return earliest + (latest - earliest) * (spread % 15) / 15
    return LATER_RETRIES[min(attempt - 2, len(LATER_RETRIES) - 1)]


def expires(kind: LetterKind, not_before: datetime) -> datetime:
    """When a letter of this kind is given up."""
    return not_before + LIFE[kind]
