"""What a command line that is wrong says, and how help looks."""

from __future__ import annotations

import io

import pytest

from migmerge import __version__
from migmerge.arguments import COMMANDS, SHARED
from migmerge.command_help import HELP, TOP, CommandHelp
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
        (
            ["backups", "restore", "a", "--yes", "b"],
            "error: b is no argument of migmerge backups\nhint: migmerge backups --help\n",
        ),
        (
            ["backups", "restore", "--yes", "a", "b"],
            "error: b is no argument of migmerge backups\nhint: migmerge backups --help\n",
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


@pytest.mark.parametrize(
    "typed",
    [
        ["backups", "restore", "shop", "--yes"],
        ["backups", "restore", "--yes", "shop"],
        ["backups", "--yes", "restore", "shop"],
        ["backups", "-C", ".", "restore", "--yes", "--format", "text", "shop"],
    ],
)
def test_options_stand_between_two_words(typed: list[str]) -> None:
    given = parse(typed)
    assert (given.action, given.name, given.yes) == ("restore", "shop", True)


ALL = [pytest.param([], TOP, id="migmerge"), *(pytest.param([name], told, id=name) for name, told in HELP.items())]


def test_every_command_has_help() -> None:
    assert HELP.keys() == COMMANDS.keys()


@pytest.mark.parametrize(("command", "told"), ALL)
def test_help_fits_in_eighty_columns_and_breaks_no_word(
    command: list[str], told: CommandHelp, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = help_of(command, capsys).splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if line.endswith("re-")]


@pytest.mark.parametrize(("command", "told"), ALL)
def test_help_says_what_a_command_does_with_its_own_options_first(
    command: list[str], told: CommandHelp, capsys: pytest.CaptureFixture[str]
) -> None:
    text = help_of(command, capsys)
    parts = [" ".join(each.split()) for each in text.split("\n\n")]
    assert parts[1] == told.what
    headings = [line for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings[-3:] == ["common options:", "examples:", "exit status:"]
    own, _, common = text.partition("examples:")[0].partition("common options:")
    for part, arguments in ((common, SHARED), (own, COMMANDS[command[0]][1] if command else ())):
        assert all(settings["help"] in " ".join(part.split()) for _, settings in arguments)


@pytest.mark.parametrize(("command", "told"), ALL)
def test_help_has_three_examples_that_are_command_lines(command: list[str], told: CommandHelp) -> None:
    parsed = [parse(line.split()) for line, _ in told.examples]
    assert len(parsed) == 3
    assert not command or {each.command for each in parsed} == {command[0]}


@pytest.mark.parametrize("typed", [["--version"], ["-V"], ["check", "-V"]], ids=" ".join)
def test_the_version(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(typed)
    assert (ended.value.code, capsys.readouterr().out) == (0, f"migmerge {__version__}\n")


@pytest.mark.parametrize("command", [[], *([name] for name in HELP)])
def test_help_is_printed_in_whatever_encoding(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(printed, encoding="ascii", write_through=True))
    with pytest.raises(SystemExit):
        parse([*command, "--help"])
    assert printed.getvalue().startswith(b"usage: migmerge")


def help_of(command: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        parse([*command, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out
