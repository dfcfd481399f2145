"""Taking back every signed address, button and tag of one guardian: her mailbox may be in somebody else's hands."""

from datetime import datetime

from office.logs import log
from office.wiring import House
from school.errors import InputError
from storage.revocation import Revoked


def revoke_tokens(house: House, guardian_id: str, now: datetime) -> Revoked:
    """How many counted no more; InputError for an id the roster does not have."""
    if house.people.guardian(guardian_id) is None:
        raise InputError(f"there is no guardian {guardian_id}: see 'fridayfolder roster show'")
    revoked = house.revocations.revoke(guardian_id, now, actor="office")
    log("tokens.revoked", level="warning", guardian=guardian_id, letters=revoked.letters, buttons=revoked.buttons)
    return revoked
