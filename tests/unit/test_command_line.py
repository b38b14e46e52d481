"""What a command line that is wrong says, and how help looks."""

from __future__ import annotations

import pytest

from migmerge.command_line import parse


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["fxi"], "error: fxi is no command of migmerge\nhint: migmerge fix\n"),
        (["-C", "a b", "chek", "--staged"], "error: chek is no command of migmerge\nhint: migmerge -C 'a b' check --staged\n"),
        (["fix", "--dryrun", "-y"], "error: --dryrun is no argument of migmerge fix\nhint: migmerge fix --dry-run -y\n"),
        (["check", "--farmat=json"], "error: --farmat is no argument of migmerge check\nhint: migmerge check --format=json\n"),
        (
            ["check", "--colour", "never"],
            "error: --colour is no argument of migmerge check\nhint: migmerge check --color never\n",
        ),
        (["check", "now"], "error: now is no argument of migmerge check\nhint: migmerge check --help\n"),
        (
            ["doctor", "--format=jsn"],
            "error: --format cannot be jsn: text, json\nhint: migmerge doctor --format=json\n",
        ),
        (["doctor", "--format", "x"], "error: --format cannot be x: text, json\nhint: migmerge doctor --help\n"),
        (["reset", "stmp"], "error: depth cannot be stmp: stamp, database, migrations\nhint: migmerge reset stamp\n"),
        (["forecast", "--limit", "0"], "error: --limit: 0 is no number above 0\nhint: migmerge forecast --help\n"),
        (["undo", "--no"], "error: ambiguous option: --no could match --no-backup, --no-db\nhint: migmerge undo --help\n"),
        (["xyzzy"], "error: xyzzy is no command of migmerge\nhint: migmerge --help\n"),
        (["fix", "--foo"], "error: --foo is no argument of migmerge fix\nhint: migmerge fix --help\n"),
        ([], "error: the following arguments are required: COMMAND\nhint: migmerge --help\n"),
        (["graph", "--at"], "error: --at: expected one argument\nhint: migmerge graph --help\n"),
    ],
)
def test_a_wrong_command_line_says_what_and_the_next_command(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(typed)
    assert (ended.value.code, *capsys.readouterr()) == (2, "", said)


@pytest.mark.parametrize("typed", [["--help"], *([name, "--help"] for name in ("check", "fix", "sync", "reset", "rehearse"))])
def test_help_fits_in_eighty_columns_and_breaks_no_word(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(typed)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if line.endswith("re-")]
