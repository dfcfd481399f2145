"""Whatever bytes come, a roster is read or refused with one clear error; nothing else ever escapes."""

import re
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from school.errors import InputError
from tests.rosters.exports import HERE, files_of, novak_berg, read

EXPORTS = (
    novak_berg(),
    files_of("oneroster_12"),
    files_of("sds_21"),
    files_of("sds_1"),
    {"sheet.csv": (HERE / "sheet.csv").read_bytes()},
)
DIRT = st.one_of(
    st.binary(max_size=8), st.sampled_from([b",", b";", b'"', b"\n", b"\r", b"\0", b"tobedeleted", b"teacher"])
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_spoilt_exports_are_read_or_refused(data):
    files = dict(data.draw(st.sampled_from(EXPORTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from(sorted(files)))
        start = data.draw(st.integers(0, len(files[name])))
        end = data.draw(st.integers(start, min(len(files[name]), start + 30)))
        files[name] = files[name][:start] + data.draw(DIRT) + files[name][end:]

    with suppress(InputError):
        reading = read(files)
        ids = {child.id for child in reading.roster.children}
        assert all(tie.child_id in ids for tie in (*reading.roster.guardianships, *reading.roster.enrolments))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["users.csv", "classes.csv", "manifest.csv", "a.csv"]), st.binary(max_size=300)))
def test_any_bytes_are_refused_in_words(files):
    with suppress(InputError):
        read(files)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_spoilt_row_of_users_gives_no_guardian_a_strangers_child(data):
    """Cells of one row exchanged: nobody becomes guardian of a child who names others and whom she does not name."""
    files = novak_berg()
    rows = files["users.csv"].decode().splitlines()
    line = data.draw(st.integers(1, len(rows) - 1))
    cells = re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', rows[line])
    first, second = data.draw(st.integers(1, len(cells) - 1)), data.draw(st.integers(1, len(cells) - 1))
    cells[first], cells[second] = cells[second], cells[first]
    rows[line] = ",".join(cells)

    with suppress(InputError):
        reading = read({**files, "users.csv": "\n".join(rows).encode()})
        ties = {(tie.guardian_id, tie.child_id) for tie in reading.roster.guardianships}
        assert ties <= {
            ("g-eva", "c-anna"),
            ("g-jon", "c-leo"),
            ("g-jon", "c-ida"),
            ("g-mia", "c-leo"),
            ("g-mia", "c-ida"),
        }
