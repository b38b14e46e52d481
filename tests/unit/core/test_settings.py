"""What the team and the clone may configure."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from migmerge.core.errors import MigmergeError
from migmerge.core.settings import KEYS, Settings, with_values


def test_without_values_everything_is_left_to_migmerge() -> None:
    assert with_values(Settings(), {}, "pyproject.toml") == Settings((), None, "ask", None, None, "prompt")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"environments": ["a", "b/c"]}, Settings(environments=("a", "b/c")), id="environments"),
        pytest.param({"environments": ("a", "b")}, Settings(environments=("a", "b")), id="environments of git config"),
        pytest.param({"environments": "a"}, Settings(environments=("a",)), id="one environment"),
        pytest.param({"environments": []}, Settings(), id="no environment"),
        pytest.param({"trusted-databases": ["db/shop"]}, Settings(trusted_databases=("db/shop",)), id="trusted-databases"),
        pytest.param({"trusted-databases": ("a/b", "c/d")}, Settings(trusted_databases=("a/b", "c/d")), id="of git config"),
        pytest.param({"default-branch": "trunk"}, Settings(default_branch="trunk"), id="default-branch"),
        pytest.param({"strategy": "merge"}, Settings(strategy="merge"), id="strategy"),
        pytest.param({"commit-message": "db: {message}"}, Settings(commit_message="db: {message}"), id="commit-message"),
        pytest.param({"upgrade-command": "make db"}, Settings(upgrade_command="make db"), id="upgrade-command"),
        pytest.param({"hooks": "print"}, Settings(hooks="print"), id="hooks print"),
        pytest.param({"hooks": "prompt"}, Settings(hooks="prompt"), id="hooks prompt"),
        pytest.param({"hooks": "off"}, Settings(hooks="off"), id="hooks off"),
        pytest.param({"offer-upgrade": False}, Settings(offer_upgrade=False), id="no offer in toml"),
        pytest.param({"offer-upgrade": "no"}, Settings(offer_upgrade=False), id="no offer in git"),
        pytest.param({"record": "off"}, Settings(record=False), id="no record"),
        pytest.param({"offer-upgrade": "true"}, Settings(offer_upgrade=True), id="an offer in git"),
        pytest.param({"hooks": False}, Settings(hooks="off"), id="false in toml"),
        pytest.param({"hooks": True}, Settings(hooks="prompt"), id="true in toml"),
        pytest.param({"hooks": "false"}, Settings(hooks="off"), id="false in git"),
        pytest.param({"hooks": "true"}, Settings(hooks="prompt"), id="true in git"),
        pytest.param({"hooks": "0"}, Settings(hooks="off"), id="0 in git"),
        pytest.param({"hooks": "1"}, Settings(hooks="prompt"), id="1 in git"),
        pytest.param({"hooks": "on"}, Settings(hooks="prompt"), id="on in git"),
        pytest.param({"hooks": "no"}, Settings(hooks="off"), id="no in git"),
        pytest.param({"hooks": "yes"}, Settings(hooks="prompt"), id="yes in git"),
        pytest.param({"hooks": "False"}, Settings(hooks="off"), id="False in git, which minds no capitals"),
        pytest.param(
            {"strategy": "merge", "hooks": "print", "default-branch": "trunk"},
            Settings(default_branch="trunk", strategy="merge", hooks="print"),
            id="several",
        ),
    ],
)
def test_a_value_is_laid_over_the_settings(values: Mapping[str, object], expected: Settings) -> None:
    assert with_values(Settings(), values, "pyproject.toml") == expected


def test_the_clone_has_the_last_word_on_what_it_names() -> None:
    team = with_values(Settings(), {"strategy": "merge", "hooks": "off", "environments": ["a"]}, "pyproject.toml")
    assert with_values(team, {"hooks": "prompt"}, "git config") == Settings(("a",), None, "merge", None, None, "prompt")


KNOWN = f"known: {', '.join(KEYS)}"


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        pytest.param({"offer-upgrade": "maybe"}, "x.toml: offer-upgrade must be true or false, not 'maybe'", None, id="no truth"),
        pytest.param({"environment": "a"}, "x.toml: unknown key 'environment'", "did you mean environments?", id="singular"),
        pytest.param({"stratgy": "ask"}, "x.toml: unknown key 'stratgy'", "did you mean strategy?", id="a letter missing"),
        pytest.param(
            {"default_branch": "a"}, "x.toml: unknown key 'default_branch'", "did you mean default-branch?", id="underscore"
        ),
        pytest.param(
            {"commitmessage": "a"}, "x.toml: unknown key 'commitmessage'", "did you mean commit-message?", id="one word"
        ),
        pytest.param({"hook": "off"}, "x.toml: unknown key 'hook'", "did you mean hooks?", id="one hook"),
        pytest.param({"zzz": 1}, "x.toml: unknown key 'zzz'", KNOWN, id="nothing near"),
        pytest.param({"": 1}, "x.toml: unknown key ''", KNOWN, id="empty"),
        pytest.param({"strategy": "merg"}, "x.toml: strategy cannot be 'merg'", "did you mean merge?", id="choice misspelled"),
        pytest.param({"strategy": ""}, "x.toml: strategy cannot be ''", "known: ask, merge, reparent", id="choice empty"),
        pytest.param({"hooks": "of"}, "x.toml: hooks cannot be 'of'", "did you mean off?", id="hooks misspelled"),
        pytest.param({"hooks": "2"}, "x.toml: hooks cannot be '2'", "known: prompt, print, off", id="hooks unknown"),
        pytest.param({"hooks": 1}, "x.toml: hooks must be a text, not 1", None, id="hooks a number"),
        pytest.param({"strategy": True}, "x.toml: strategy must be a text, not True", None, id="strategy no text"),
        pytest.param({"commit-message": ["a"]}, "x.toml: commit-message must be a text, not ['a']", None, id="list for a text"),
        pytest.param(
            {"environments": 3}, "x.toml: environments must be a list of paths", 'environments = ["migrations"]', id="number"
        ),
        pytest.param(
            {"environments": [3]}, "x.toml: environments must be a list of paths", 'environments = ["migrations"]', id="numbers"
        ),
    ],
)
def test_a_mistake_is_named_with_what_was_meant(values: Mapping[str, object], message: str, hint: str | None) -> None:
    with pytest.raises(MigmergeError) as raised:
        with_values(Settings(), values, "x.toml")
    assert (str(raised.value), raised.value.hint) == (message, hint)


def test_a_mistake_behind_what_is_right_is_found() -> None:
    with pytest.raises(MigmergeError, match="git config: unknown key 'hoks'"):
        with_values(Settings(), {"strategy": "merge", "hoks": "off"}, "git config")
