"""Folders, zips and single sheets are read from disk; what is wrong with them is one line."""

import zipfile

import pytest

from office.roster_files import read_files
from school.errors import InputError
from tests.rosters.exports import HERE, novak_berg, read


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def refused(path, **limits):
    with pytest.raises(InputError) as caught:
        read_files(path, **limits)
    text = str(caught.value)
    assert "\n" not in text
    assert str(path) in text
    return text


def test_folder_is_read():
    assert read_files(HERE / "novak_berg") == novak_berg()


def test_zip_is_read(tmp_path):
    assert read_files(zipped(tmp_path / "roster.zip", novak_berg())) == novak_berg()


def test_folder_inside_the_zip_gives_the_same_roster(tmp_path):
    path = zipped(tmp_path / "roster.zip", {f"export/{name}": data for name, data in novak_berg().items()})

    assert read(read_files(path)).roster == read(novak_berg()).roster


def test_folder_inside_the_folder_gives_the_same_roster(tmp_path):
    (tmp_path / "export").mkdir()
    for name, data in novak_berg().items():
        (tmp_path / "export" / name).write_bytes(data)

    assert read(read_files(tmp_path)).roster == read(novak_berg()).roster


def test_single_sheet_is_read():
    assert list(read_files(HERE / "sheet.csv")) == ["sheet.csv"]


def test_zip_with_another_ending_is_read(tmp_path):
    assert read_files(zipped(tmp_path / "roster.export", novak_berg())) == novak_berg()


def test_sensitive_files_are_named_and_never_loaded(tmp_path):
    files = {**novak_berg(), "demographics.csv": b"birth dates", "logo.png": b"png"}

    found = read_files(zipped(tmp_path / "roster.zip", files))

    assert (found["demographics.csv"], found["logo.png"]) == (b"", b"")


def test_missing_path_is_one_line(tmp_path):
    assert refused(tmp_path / "nowhere.zip").endswith("there is no such file or folder")


def test_file_that_is_no_zip_is_one_line(tmp_path):
    path = tmp_path / "roster.zip"
    path.write_bytes(b"this is no zip")

    assert "is not a whole zip file" in refused(path)


def test_cut_zip_is_one_line(tmp_path):
    path = zipped(tmp_path / "roster.zip", novak_berg())
    path.write_bytes(path.read_bytes()[:-200])

    assert "is not a whole zip file" in refused(path)


def test_damaged_zip_is_one_line(tmp_path):
    path = zipped(tmp_path / "roster.zip", {"users.csv": bytes(range(256)) * 40})
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(data)

    assert "is not a whole zip file" in refused(path)


def test_empty_folder_and_zip_are_one_line(tmp_path):
    (tmp_path / "empty").mkdir()

    assert "holds no .csv file (found nothing)" in refused(tmp_path / "empty")
    assert "holds no .csv file (found nothing)" in refused(zipped(tmp_path / "empty.zip", {}))


def test_workbook_is_told_from_a_sheet(tmp_path):
    (tmp_path / "roster.xlsx").write_bytes(b"PK")

    assert "holds no .csv file (found roster.xlsx): export the roster as CSV" in refused(tmp_path)


@pytest.mark.parametrize(
    "name", ["../users.csv", "a/../../users.csv", "/etc/users.csv", "..\\users.csv", "C:/users.csv"]
)
def test_path_that_leaves_the_zip_is_refused(tmp_path, name):
    assert "which leaves its folder: not read" in refused(zipped(tmp_path / "roster.zip", {name: b"x"}))


def test_zip_bomb_is_refused_before_it_unfolds(tmp_path):
    path = zipped(tmp_path / "roster.zip", {f"{number}.csv": b"0" * 90_000 for number in range(5)})

    assert path.stat().st_size < 5_000
    assert "unpacks to more than 200000 bytes" in refused(path, max_file_bytes=100_000, max_total_bytes=200_000)
    assert "0.csv is larger than 50000 bytes" in refused(path, max_file_bytes=50_000, max_total_bytes=200_000)


def test_size_a_zip_claims_is_not_believed(tmp_path):
    path = zipped(tmp_path / "roster.zip", {"users.csv": b"0" * 90_000})
    data = path.read_bytes()
    path.write_bytes(data.replace((90_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))

    try:
        found = read_files(path, max_file_bytes=50_000)
    except InputError:
        return
    assert len(found["users.csv"]) <= 50_000


def test_folder_obeys_the_same_limits(tmp_path):
    (tmp_path / "users.csv").write_bytes(b"0" * 90_000)

    assert "users.csv is larger than 50000 bytes" in refused(tmp_path, max_file_bytes=50_000)


def test_file_twice_in_a_zip_is_refused(tmp_path):
    path = tmp_path / "roster.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.csv", "a")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("users.csv", "b")

    assert "holds users.csv twice" in refused(path)


def test_encrypted_zip_is_one_line(tmp_path):
    path = zipped(tmp_path / "roster.zip", {"users.csv": b"x"})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the local header's flags
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the directory's
    path.write_bytes(data)

    assert "users.csv is encrypted" in refused(path)
