"""Secrets in the messages of applications, drivers and tools, in whatever words, and messages without one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from migmerge.core.redaction import without_secrets

NAMES = (
    *("password", "passwd", "pwd", "passphrase", "PGPASSWORD", "DB_PASSWORD", "mail.password", "token", "access_token"),
    *("API_KEY", "api-key", "apikey", "secret", "SECRET_KEY", "client_secret", "aws_secret_access_key", "private_key"),
)
SHAPES = (
    *(
        "{name}={secret}",
        "{name}: {secret}",
        "{name} = '{secret}'",
        '{{"{name}": "{secret}", "user": "ann"}}',
        "{{'{name}': '{secret}'}}",
    ),
    *(
        '{name} is "{secret}"',
        "the {name} is {secret}, which is wrong",
        "{name} for ann is {secret}",
        "the {name} was '{secret}'",
    ),
    *(
        "cannot log in with {name} '{secret}'",
        'rejected {name} "{secret}" of ann',
        "invalid {name} `{secret}`",
        "https://x.org/a?{name}={secret}&b=1",
    ),
    *("ValueError: bad settings: {name}={secret}; host=localhost", "connect(user='ann', {name}='{secret}')", "{name}:={secret}"),
    *(
        '\\"{name}\\": \\"{secret}\\"',
        "--{name}={secret}",
        "export {name}={secret}",
        "{name} => {secret}",
        "Settings({name}=b'{secret}')",
    ),
)
NAMELESS = (
    *("postgresql://ann:{secret}@localhost:5432/shop", "no such host: mysql+pymysql://ann:{secret}@db/shop?x=1"),
    *(
        "redis://:{secret}@cache/0",
        "Authorization: Bearer {secret}",
        "{{'Authorization': 'Basic {secret}'}}",
        "-H 'authorization: Token {secret}'",
    ),
    *(
        "ALTER ROLE ann PASSWORD '{secret}'",
        "CREATE USER ann IDENTIFIED BY '{secret}'",
        "DETAIL: Key (email, token)=(a@b.c, {secret}) already exists.",
    ),
    *("-----BEGIN RSA PRIVATE KEY-----\n{secret}\n-----END RSA PRIVATE KEY-----", "Driver={{x}};Server=h;PWD={{{secret}}};"),
)
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SECRETS = st.builds(
    "{}{}{}".format, st.text(LETTERS + "!#$%^*_+-./~", min_size=4, max_size=30), st.integers(10, 99), st.sampled_from(LETTERS)
)
"""A digit makes sure that a secret is no word that is said of one."""


@example("{name}={secret}", "password", "x{y}1z", "")
@given(
    st.sampled_from(SHAPES), st.sampled_from(NAMES), SECRETS, st.sampled_from(("", "OperationalError: ", "at 10:00, user ann: "))
)
def test_a_secret_that_is_named_does_not_come_through(shape: str, name: str, secret: str, before: str) -> None:
    text = before + shape.format(name=name, secret=secret)
    shown = without_secrets(text)
    assert secret not in shown
    assert shown.startswith(before)
    assert without_secrets(shown) == shown


@given(st.sampled_from(NAMELESS), SECRETS)
def test_a_secret_in_its_usual_place_does_not_come_through(shape: str, secret: str) -> None:
    text = shape.format(secret=secret)
    assert secret not in without_secrets(text)


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "xoxb-2345678-abcdefgh",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "glpat-aaaaBBBBcccc1111dddd",
    ],
)  # fmt: skip
def test_a_secret_of_a_known_form_needs_no_name(secret: str) -> None:
    assert without_secrets(f"refused: {secret} may not") == "refused: *** may not"


@pytest.mark.parametrize("near", ["the token {} has expired", "{} is no valid token", "signature mismatch: {}", "bad session {}"])
def test_a_long_token_near_such_a_word(near: str) -> None:
    for secret in ("3f786850e387550fdab836ed7e6dc881de23001b", "bXkgc2VjcmV0IHRleHQgMTIz"):
        assert secret not in without_secrets(near.format(secret))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no mysql://u:secret@h/d", "no mysql://u:***@h/d"),
        ("host=h password=secret user=u", "host=h password=*** user=u"),
        ("{'password': 'secret', 'x': 1}", "{'password': '***', 'x': 1}"),
        ("f(token='a b', x=1)", "f(token='***', x=1)"),
        ("postgresql://u:p@ss@host/db", "postgresql://u:***@host/db"),
        ('could not translate host name "ss@host" to address', 'could not translate host name "***@host" to address'),
        (
            "'%' must be followed by '%' or '(', found: '%word@host/db'",
            "'%' must be followed by '%' or '(', found: '***@host/db'",
        ),
        ("https://0123456789abcdef@github.com/x", "https://***@github.com/x"),
        ("password hunter2 was refused", "password *** was refused"),
    ],
)
def test_what_is_left(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "nothing to hide",
        "Access denied for user 'ann'@'localhost' (using password: YES)",
        "Access denied for user 'migmerge_2945ce449246_u'@'127.0.0.1' (using password: YES)",
        'password authentication failed for user "ann"',
        "fe_sendauth: no password supplied",
        'column "password" of relation "users" does not exist',
        "no such column: users.password",
        'duplicate key value violates unique constraint "users_token_key"',
        "Can't locate revision identified by '3f786850e387'",
        "KeyError: 'DB_PASSWORD'",
        "the environment variable API_KEY is not set",
        "SECRET_KEY: field required",
        "/run/secrets/db_password: Permission denied",
        "create_user() missing 1 required positional argument: 'password'",
        "UPDATE users SET password=%(password)s WHERE token = ?",
        "the token is invalid",
        "unexpected token 'FROM' at line 3",
        "No module named 'token'",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b is gone",
        "ssh://git@github.com/ann/shop.git",
        "postgresql://ann@localhost:5432/shop",
        "http://localhost:8080/path",
        "https://x.org/a?page=2&sort=name",
        'connection to server at "127.0.0.1", port 5432 failed: Connection refused',
        "ModuleNotFoundError: No module named 'passlib'",
        "sqlite:////home/ann/shop/instance/app.db",
    ],
)
def test_an_ordinary_message_stays_as_it_is(text: str) -> None:
    assert without_secrets(text) == text


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    without_secrets(text)
