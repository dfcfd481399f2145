"""Settings come from the file and the environment; whatever is wrong is one line that names the key."""

import pytest

from office.config import ConfigError, load
from office.example_config import example

GIVEN = """\
[school]
name = "Hillside School"
contact = "office@school.test"
[mail]
news = "news@school.test"
[replies]
domain = "school.test"
keys = ["0:00"]
[smtp]
host = "localhost"
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.toml"

    def write(text: str):
        path.write_text(text, "utf-8")
        return path

    return write


def test_the_environment_lies_over_the_file(config):
    settings = load(
        config(GIVEN),
        {
            "FRIDAYFOLDER_SMTP_PORT": "2525",
            "FRIDAYFOLDER_DIGEST_WEEKDAYS": "monday, friday",
            "FRIDAYFOLDER_NEWSLETTER_APPROVAL": "true",
            "HOME": "/",
        },
    )

    assert settings.smtp.port == 2525
    assert settings.digest.weekdays == ["monday", "friday"]
    assert settings.newsletter.approval is True


def test_a_secret_comes_from_a_file_without_its_line_end(config, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("pass word\n", "utf-8")
    environment = {"FRIDAYFOLDER_SMTP_USER": "news", "FRIDAYFOLDER_SMTP_PASSWORD_FILE": str(secret)}

    assert load(config(GIVEN), environment).smtp.password == "pass word"


def test_the_example_needs_nothing_but_keys(config):
    assert load(config(example()), {"FRIDAYFOLDER_REPLIES_KEYS": "0:00"}).smtp.port == 587


@pytest.mark.parametrize(
    ("text", "environment", "told"),
    [
        ("[school\n", {}, "config.toml: not valid TOML: "),
        (GIVEN + "prot = 25\n", {}, "config.toml: smtp.prot is not a setting: did you mean smtp.port?"),
        (GIVEN + "[snmp]\n", {}, "config.toml: snmp is not a setting"),
        (
            GIVEN.replace('host = "localhost"\n', ""),
            {},
            "smtp.host is missing: set it here or as FRIDAYFOLDER_SMTP_HOST",
        ),
        (GIVEN + 'port = "many"\n', {}, "config.toml: smtp.port: "),
        (GIVEN + "port = 70000\n", {}, "config.toml: smtp.port: "),
        (GIVEN + 'user = "u"\n', {}, "smtp.password is missing: set it here or as FRIDAYFOLDER_SMTP_PASSWORD"),
        (GIVEN + '[imap]\nhost = "h"\n', {}, "imap.user is missing"),
        (GIVEN + '[imap]\nhost = "h"\nuser = "u"\n', {}, "imap.password is missing"),
        (GIVEN + '[dkim]\ndomain = "school.test"\n', {}, "dkim.selector is missing"),
        (GIVEN + '[dkim]\ndomain = "school.test"\nselector = "s"\n', {}, "dkim.key is missing"),
        (GIVEN, {"FRIDAYFOLDER_NEWSLETTER_AT": "3 pm"}, "config.toml: newsletter.at: write a time such as 15:10"),
        (GIVEN, {"FRIDAYFOLDER_HOURS_MONDAY": "9-5"}, "hours.monday: write two times such as 08:00-16:00"),
        (GIVEN, {"FRIDAYFOLDER_SCHOOL_COLOUR": "red"}, "school.colour: write a colour such as #1f5f5b"),
        (GIVEN, {"FRIDAYFOLDER_SMTP_HOTS": "x"}, "did you mean FRIDAYFOLDER_SMTP_HOST?"),
        (GIVEN, {"FRIDAYFOLDER_SMTP_PASSWORD_FILE": "/nowhere/x"}, "cannot read /nowhere/x: No such file"),
    ],
)
def test_what_is_wrong_is_named(config, text, environment, told):
    with pytest.raises(ConfigError) as wrong:
        load(config(text), environment)

    assert told in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match="run 'fridayfolder init' or name one with --config"):
        load(tmp_path / "config.toml", {})


def test_a_file_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b'[school]\nname = "\xe9cole"\n')

    with pytest.raises(ConfigError, match=r"config\.toml: not UTF-8 at byte 17"):
        load(path, {})
