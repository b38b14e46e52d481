"""Phantoms: the words for where git has them, the ways down from them, and what the checkout has in their place."""

from __future__ import annotations

import pytest

from migmerge.core.database.phantom import (
    Fate,
    PathChange,
    Phantom,
    describe_phantom,
    earliest_branch,
    is_same_script,
    longest_plain_part,
    named_in,
    path_changes_in,
    phantom_chain,
    scripts_in,
    successor_of,
)
from migmerge.core.errors import MigmergeError
from migmerge.core.revision import Identifiers, Revision
from tests.support.project import script_text

FOUND = Phantom("x", "c" * 40, "versions/x_add.py", "bea", age="3 days ago", message="add orders")
IN_COMMIT = "in commit cccccccccc"


@pytest.mark.parametrize(
    ("phantom", "where"),
    [
        ({"fate": Fate.RENAMED, "successor": "y"}, "here as y"),
        ({"fate": Fate.REPARENTED, "successor": "y"}, "here as y, on another parent"),
        ({"fate": Fate.DELETED, "deleted_in": "d" * 40, "deleted_by": "ann"}, "deleted by ann in commit dddddddddd"),
        ({"fate": Fate.DELETED}, f"{IN_COMMIT}, which HEAD contains, and no longer among the scripts"),
        ({"fate": Fate.ELSEWHERE, "branch": "feature", "tag": "v1"}, "on the branch feature"),
        ({"fate": Fate.ELSEWHERE, "tag": "v1"}, "under the tag v1"),
        ({"fate": Fate.ELSEWHERE, "work_tree": "/other"}, "not committed, in the work tree /other"),
        ({"fate": Fate.LEFT}, "in no commit any more, kept when a checkout, merge or rebase took it away"),
        ({"commit": ""}, "in no commit, kept since a database here ran it"),
        ({"commit": "", "blob": "b" * 40}, "in blob bbbbbbbbbb, which was staged and never committed"),
        ({"stashed": True}, f"{IN_COMMIT}, a stash"),
        ({}, f"{IN_COMMIT}, on no branch any more"),
    ],
)
def test_the_place_of_a_phantom_in_words(phantom: dict[str, object], where: str) -> None:
    facts = {name: getattr(FOUND, name) for name in ("revision", "commit", "path", "author", "age", "message")} | phantom
    assert describe_phantom(Phantom(**facts)) == f'"add orders" by bea, 3 days ago, {where}'


def test_a_phantom_is_named_by_what_is_known() -> None:
    assert describe_phantom(Phantom("x", "c" * 40, "versions/x_add.py")) == f"x_add.py, {IN_COMMIT}, on no branch any more"
    assert describe_phantom(Phantom("x", "c" * 40, "")) == f"x, {IN_COMMIT}, on no branch any more"


NO_BLOB, LINK = "0" * 40, "120000"


def log(*tokens: str) -> str:
    return "\0".join(tokens)


FACTS = ("\x01c1", "p1 p2", "ann", "2024-05-01T12:00:00Z", "3 days ago")
BY_ANN = ("ann", "2024-05-01T12:00:00+00:00", "3 days ago")


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param(
            log(*FACTS, "\n:100644 100644 old new M", "a.py", ":100644 000000 old 0 D", "b.py"),
            [
                PathChange("c1", ("p1", "p2"), *BY_ANN, "a.py", ("old",), "new"),
                PathChange("c1", ("p1", "p2"), *BY_ANN, "b.py", ("old",), ""),
            ],
            id="an edit and a removal",
        ),
        pytest.param(
            log(*FACTS, "\n::100644 000000 100755 one 0 both MA", "m.py"),
            [PathChange("c1", ("p1", "p2"), *BY_ANN, "m.py", ("one", ""), "both")],
            id="a merge",
        ),
        pytest.param(
            log(*FACTS, "\n:000000 120000 0 link A", "link.py"),
            [PathChange("c1", ("p1", "p2"), *BY_ANN, "link.py", ("",), "")],
            id="a link is no script",
        ),
        pytest.param(log("\n:100644 100644 old new M", "a.py"), [], id="of no commit"),
        pytest.param(log("\x01c1", "p1"), [], id="cut short after the commit"),
        pytest.param(log(*FACTS, "\n:100644 100644 old new M"), [], id="cut short before the path"),
        pytest.param(log(*FACTS, "", "\n", "more"), [], id="a commit that changed nothing"),
    ],
)
def test_what_git_log_says_of_paths(text: str, changes: list[PathChange]) -> None:
    assert [*path_changes_in(text)] == changes


@pytest.mark.parametrize(
    ("branches", "name"),
    [
        (["refs/heads/topic", "refs/heads/main"], "topic"),
        (["refs/remotes/origin/topic", "refs/heads/topic"], "topic"),
        (["refs/remotes/origin/topic", "refs/heads/main"], "origin/topic"),
        (["refs/heads/a/b", "refs/heads/b"], "a/b"),
    ],
)
def test_the_earliest_branch_is_the_users_own_where_there_is_one(branches: list[str], name: str) -> None:
    assert earliest_branch(branches) == name


def test_the_longest_plain_part_of_an_id_is_looked_for() -> None:
    assert longest_plain_part("0042.add_orders*") == "add_orders"
    assert longest_plain_part("é") == ""


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (script_text("x", "a").encode(), ("x", "add x")),
        (script_text("y", "a", message="after x").encode(), None),
        (b"revision = 'x'\ndown_revision = compute()\n", ("x", "")),
        (b"revision = 'y'\n", None),
        (b"x = (", None),
    ],
    ids=["the script", "names it only", "parents that are computed", "another", "no script"],
)
def test_a_script_is_known_by_its_id(data: bytes, found: tuple[str, str] | None) -> None:
    assert named_in(data, ("x",)) == found


def test_the_scripts_among_files_are_read() -> None:
    files = {"v/x.py": script_text("x").encode(), "v/x2.py": script_text("x", "a").encode(), "v/__init__.py": b"", "v/y.py": b"("}
    found = scripts_in(files)
    assert {name: (script.path, script.down_revisions) for name, (script, _) in found.items()} == {"x": ("v/x2.py", ("a",))}


Texts = dict[str, tuple[Revision, bytes]]


def texts(*scripts: Revision, **upgrades: str) -> Texts:
    made = {}
    for each in scripts:
        body = script_text(
            each.revision,
            each.down_revisions or None,
            message=each.message,
            depends_on=each.depends_on or None,
            upgrade=upgrades.get(each.revision, f"op.drop_table('{each.revision[0]}')"),
        )
        made[each.revision] = (each, body.encode())
    return made


def script(name: str, *parents: str, depends_on: tuple[str, ...] = (), message: str = "") -> Revision:
    return Revision(Identifiers(name, parents, (), depends_on, message), f"versions/{name}.py")


def test_the_way_down_from_a_phantom_ends_at_the_checkout() -> None:
    there = texts(script("a"), script("x", "a"), script("y", "x", "z"), script("z", "a", depends_on=("x",)))
    assert phantom_chain("y", there, {"a"}) == ("y", "z", "x")
    assert phantom_chain("x", there, {"a", "x"}) == ("x",)


@pytest.mark.parametrize(
    ("revision", "scripts", "message", "hint"),
    [
        pytest.param(
            "x",
            (),
            "x has no readable script beside it: the way down from there is not known",
            "git log --all --reflog --oneline -S x",
            id="none",
        ),
        pytest.param(
            "y",
            (script("y", "it's"),),
            "it's, which y follows or depends on, has no readable script beside it: the way down from there is not known",
            """git log --all --reflog --oneline -S 'it'"'"'s'""",
            id="a parent is missing",
        ),
        pytest.param(
            "x",
            (script("x", "y"), script("y", "x")),
            "x and y follow one another in a circle: there is no way down from them",
            "migmerge reset",
            id="a circle",
        ),
    ],
)
def test_where_there_is_no_way_down_it_is_said(revision: str, scripts: tuple[Revision, ...], message: str, hint: str) -> None:
    with pytest.raises(MigmergeError) as raised:
        phantom_chain(revision, texts(*scripts), {"a"})
    assert (str(raised.value), raised.value.hint) == (message, hint)


A = script("a")
IDLE = "pass"


@pytest.mark.parametrize(
    ("there", "here", "found"),
    [
        pytest.param(texts(A, script("x", "a")), texts(A, script("x2", "a")), (Fate.RENAMED, "x2"), id="another id"),
        pytest.param(
            texts(A, script("x", "a")),
            texts(A, script("b", "a"), script("x2", "b")),
            (Fate.REPARENTED, "x2"),
            id="another parent",
        ),
        pytest.param(texts(A, script("x", "a")), texts(A, script("y2", "a")), None, id="another table"),
        pytest.param(texts(A, script("x", "a")), texts(A), None, id="nothing new"),
        pytest.param(texts(A), texts(A, script("x2", "a")), None, id="the phantom has no script"),
        pytest.param(
            texts(A, script("w", "a"), script("x", "w")),
            texts(A, script("w2", "a"), script("x2", "w2")),
            (Fate.RENAMED, "x2"),
            id="on a renamed parent",
        ),
        pytest.param(
            texts(A, script("w", "a"), script("x", "a", depends_on=("w",))),
            texts(A, script("w2", "a"), script("x2", "a", depends_on=("w2",))),
            (Fate.RENAMED, "x2"),
            id="depends on a renamed one",
        ),
        pytest.param(
            texts(script("x", "gone")), texts(A, script("x2", "gone")), (Fate.RENAMED, "x2"), id="below it nothing is known"
        ),
        pytest.param(
            texts(A, script("x", "a", message="orders")),
            texts(A, script("x1", "a", message="users"), script("x2", "a", message="orders")),
            (Fate.RENAMED, "x2"),
            id="the one of the same message",
        ),
        pytest.param(
            texts(A, script("x", "a", message="idle"), x=IDLE),
            texts(A, script("x1", "a"), script("x2", "a", message="idle"), x1=IDLE, x2=IDLE),
            (Fate.RENAMED, "x2"),
            id="idle, of the same message",
        ),
        pytest.param(
            texts(A, script("x", "a", message="idle"), x=IDLE), texts(A, script("x2", "a"), x2=IDLE), None, id="idle, of another"
        ),
        pytest.param(
            texts(A, script("x", "a", message="idle"), x=IDLE),
            texts(A, script("b", "a"), script("x2", "b", message="idle"), x2=IDLE),
            None,
            id="idle, on another parent",
        ),
        pytest.param(
            texts(A, script("b", "a"), script("m", "a", "b", message="merge"), m=IDLE),
            texts(A, script("b", "a"), script("m2", "b", "a", message="join"), m2=IDLE),
            (Fate.RENAMED, "m2"),
            id="a merge revision of the same heads",
        ),
        pytest.param({"x": (script("x", "a"), b"(")}, texts(A, script("x2", "a")), None, id="a script that is no Python"),
        pytest.param(
            {"x": (script("x", "a"), b"# coding: nonsense\n")}, texts(A, script("x2", "a")), None, id="a script in no encoding"
        ),
    ],
)
def test_what_the_checkout_has_in_the_place_of_a_phantom(there: Texts, here: Texts, found: tuple[Fate, str] | None) -> None:
    phantom = "m" if "m" in there else "x"
    assert successor_of(phantom, there, here) == found


PLAIN = "import os\nrevision = 'x'\ndef upgrade():\n    os.getcwd()\n"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (PLAIN.replace("'x'", "'y'"), True),
        (f'"""Add x."""\nimport sqlalchemy.dialects\nfrom alembic import op\n# comment\n{PLAIN}', True),
        (PLAIN.replace("getcwd()", "getcwd( )"), True),
        (PLAIN.replace("import os", "import os as os2"), False),
        (PLAIN.replace("import os", "from . import os"), False),
        (PLAIN.replace("upgrade():", "upgrade() -> None:"), True),
        (PLAIN + "x.y = 1\n", False),
        (PLAIN + "(", False),
    ],
)
def test_scripts_do_the_same_whatever_their_ids_and_layout(other: str, same: bool) -> None:
    assert is_same_script(PLAIN.encode(), other.encode()) is same
    assert is_same_script(other.encode(), PLAIN.encode()) is same


def test_a_script_for_several_databases_that_only_passes_on_is_idle() -> None:
    passing = "def upgrade(engine_name):\n    globals()['upgrade_%s' % engine_name]()\n"
    there = {"x": (script("x", "a"), passing.encode())}
    assert successor_of("x", there, {"y": (script("y", "a", message="other"), passing.encode())}) is None
    assert successor_of("x", there, {"y": (script("y", "a"), passing.encode())}) == (Fate.RENAMED, "y")
