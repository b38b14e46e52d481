"""A short example of each finding: what happened in a repository, the command that was run, and what it said.

`tests/e2e/test_explain_examples.py` makes each of them with git, Alembic and SQLite, and compares what is said.
Each begins in a repository with a pushed branch main and one revision, a1 "create users", that its database has run.
"""

from __future__ import annotations

from typing import NamedTuple

from .registry import (
    CLOSED_COLLISION,
    COLLIDING_OPERATIONS,
    DATABASE_UNREACHABLE,
    DIVERGENT_HEADS,
    DOUBLE_MERGE,
    DUPLICATE_REVISION,
    EDITED_SINCE_RUN,
    HOOKS_BROKEN,
    HOOKS_MISSING,
    LEFTOVERS,
    MISSING_PARENT,
    MODELS_AHEAD,
    MOVED_UNDER_YOU,
    NO_MESSAGE,
    OVERLAPPING_RECORDS,
    PENDING_REVISIONS,
    PHANTOM_REVISION,
    PUBLISHED_REVISION_CHANGED,
    REDUNDANT_PARENT,
    REVISION_CYCLE,
    SKIPPED_REVISION,
    UNCOMMITTED_SCRIPT,
    UNLABELLED_BASES,
    UNPROVEN_REVISION,
    UNREAD_SCRIPTS,
    UNREADABLE_SCRIPT,
    UNSTAMPED_DATABASE,
    UNUSABLE_IDENTIFIER,
)


class ExampleScript(NamedTuple):
    """A script that was committed on a branch; `branch` is empty for one that was not committed."""

    branch: str
    revision: str
    message: str
    parents: tuple[str, ...]
    upgrade: str = ""


class Example(NamedTuple):
    """Hold what happened, scripts and shell commands, and the command that shows the finding, with what it says of it.

    `beside` are the codes of what the command finds besides: some findings never come alone.
    """

    before: tuple[ExampleScript | str, ...]
    command: str
    message: str
    hint: str
    symptom: str = ""
    beside: tuple[str, ...] = ()


_CHECK = "migmerge check"
_DOCTOR = "migmerge doctor"
_VERSIONS = "migrations/versions"
_USERS = 'op.create_table("users", sa.Column("id", sa.Integer))'
_ORDERS = 'op.create_table("orders", sa.Column("id", sa.Integer))'
_EMAIL = 'op.add_column("users", sa.Column("email", sa.String(80)))'

FIRST = ExampleScript("main", "a1", "create users", (), _USERS)
"""The revision that all examples begin with."""


def _script(branch: str, revision: str, message: str, *parents: str, upgrade: str = "") -> ExampleScript:
    return ExampleScript(branch, revision, message, parents, upgrade)


_B2 = _script("main", "b2", "add email", "a1")
_C3 = _script("orders", "c3", "add orders", "a1")
_EMAIL_ADDED = _script("main", "b2", "add email", "a1", upgrade=_EMAIL)

EXAMPLES: dict[str, Example] = {
    DIVERGENT_HEADS.code: Example(
        (
            _C3,
            _B2,
            "git merge orders",
        ),
        _CHECK,
        '2 heads diverge after a1 "create users": b2 "add email" (ann, main) and c3 "add orders" (bea, orders)',
        "migmerge fix",
    ),
    MISSING_PARENT.code: Example(
        (
            _B2,
            _script("main", "c3", "add orders", "b2"),
            f"git rm -q {_VERSIONS}/b2_add_email.py",
        ),
        _CHECK,
        'c3 "add orders" (ann, main) has the down_revision b2, which is in no script: HEAD has it in '
        f"{_VERSIONS}/b2_add_email.py, which is deleted here",
        f"git checkout HEAD -- {_VERSIONS}/b2_add_email.py",
    ),
    DUPLICATE_REVISION.code: Example(
        (
            _script("orders", "b2", "add orders", "a1"),
            _B2,
            "git merge orders",
        ),
        _CHECK,
        f"2 scripts have the id b2: {_VERSIONS}/b2_add_email.py (ann, main) and "
        f"{_VERSIONS}/b2_add_orders.py (bea, orders); {_VERSIONS}/b2_add_email.py is "
        "yours and can become b2_2 (a merge revision is not the cure); a database that records b2 does "
        "not say which of them it has run",
        "migmerge fix",
    ),
    REVISION_CYCLE.code: Example(
        (
            _B2,
            f"sed -i 's/^down_revision = .*/down_revision = \"b2\"/' {_VERSIONS}/a1_create_users.py",
        ),
        _CHECK,
        "a1 and b2 follow one another in a circle; correct the reference that closes it",
        f"edit {_VERSIONS}/a1_create_users.py:13: name another revision than b2",
    ),
    UNREADABLE_SCRIPT.code: Example(
        (
            _B2,
            f"sed -i 's/^revision = .*/revision = next_number()/' {_VERSIONS}/b2_add_email.py",
        ),
        _CHECK,
        f"{_VERSIONS}/b2_add_email.py (edited to other identifiers, not committed): its revision "
        "id is computed; its place in the history cannot be known",
        f"edit {_VERSIONS}/b2_add_email.py:13: write its identifiers as plain strings",
    ),
    DOUBLE_MERGE.code: Example(
        (
            _B2,
            _script("main", "c3", "add orders", "a1"),
            _script("orders", "d4", "merge", "b2", "c3"),
            _script("main", "e5", "join", "b2", "c3"),
            "git merge orders",
        ),
        _CHECK,
        'b2 and c3 are joined by 2 merge revisions: d4 "merge" (bea, orders) in commit 31064a48bb and '
        'e5 "join" (ann, main) in commit edd130b9d8; join them',
        "migmerge fix",
        beside=(DIVERGENT_HEADS.code,),
    ),
    COLLIDING_OPERATIONS.code: Example(
        (
            _script("orders", "c3", "add address", "a1", upgrade=_EMAIL),
            _EMAIL_ADDED,
            "git merge orders",
        ),
        _CHECK,
        'both sides add the column users.email: b2 "add email" (ann, main) at '
        f'{_VERSIONS}/b2_add_email.py:19 and c3 "add address" (bea, orders) at '
        f"{_VERSIONS}/c3_add_address.py:19",
        f"git log --all -p -- {_VERSIONS}/b2_add_email.py {_VERSIONS}/c3_add_address.py && migmerge fix",
        beside=(DIVERGENT_HEADS.code,),
    ),
    PUBLISHED_REVISION_CHANGED.code: Example(
        (
            "git switch -q -c topic",
            f"sed -i 's/sa.Integer/sa.String/' {_VERSIONS}/a1_create_users.py",
            "git commit -q -a -m 'users have names'",
        ),
        _CHECK,
        'a1 "create users" (ann, origin/main) is on origin/main and is edited here: a database that has '
        "run it does not run it again; nothing follows it",
        f"git checkout origin/main -- {_VERSIONS}/a1_create_users.py",
    ),
    UNCOMMITTED_SCRIPT.code: Example(
        (_script("", "b2", "add email", "a1"),),
        _CHECK,
        f"{_VERSIONS}/b2_add_email.py is not committed; Alembic loads it here, a fresh clone does not have it",
        f"git add {_VERSIONS}/b2_add_email.py && git commit",
    ),
    UNLABELLED_BASES.code: Example(
        (_script("main", "b2", "start again"),),
        _CHECK,
        'a1 "create users" (ann, origin/main), which nothing follows, and b2 "start again" (ann, main), '
        "which nothing follows, are unrelated roots without a branch label; set the down_revision where "
        "a root was not meant, or branch_labels where it was",
        f"edit {_VERSIONS}/b2_start_again.py:13: name the down_revision, or a label in branch_labels",
    ),
    NO_MESSAGE.code: Example(
        (_script("main", "b2", "", "a1"),),
        _CHECK,
        "b2.py has no message in the docstring",
        f"edit {_VERSIONS}/b2.py:1: say in the docstring's first line what the revision does",
    ),
    UNREAD_SCRIPTS.code: Example(
        (
            _B2,
            _script("main", "c3", "add orders", "b2"),
            f"mkdir -p plugin/alembic && git mv {_VERSIONS}/[bc]* plugin/alembic",
            "git commit -q -m 'make a plugin'",
        ),
        _CHECK,
        "2 files in plugin/alembic look like revisions and belong to no environment that was found: "
        "b2_add_email.py, c3_add_orders.py",
        "printf '%s\\n' '' '[[tool.migmerge.environment]]' 'path = \"plugin/alembic\"' "
        "'versions = [\"plugin/alembic\"]' >> pyproject.toml",
    ),
    MOVED_UNDER_YOU.code: Example(
        (
            _B2,
            _C3,
            f"sed -i 's/^down_revision = .*/down_revision = \"c3\"/' {_VERSIONS}/b2_add_email.py",
            "git commit -q -a -m 'move b2 behind c3'",
            "git switch main",
        ),
        "git merge orders",
        'b2 "add email" now follows c3 instead of a1, by bea in 5cd2bdfda: a database that has run it '
        "skips what now comes before it, without a word",
        "migmerge doctor",
    ),
    UNUSABLE_IDENTIFIER.code: Example(
        (_script("main", "b2@email", "add email", "a1"),),
        _CHECK,
        "Alembic refuses the id of b2@email \"add email\" (ann, main): it has '@'",
        "migmerge fix",
    ),
    REDUNDANT_PARENT.code: Example(
        (
            _C3,
            _B2,
            "git merge -q orders",
            _script("main", "d4", "merge", "a1", "b2", "c3"),
        ),
        _CHECK,
        'd4 "merge" (ann, main) names a1, which b2 and c3 imply: the upgrade of a new database dies of it',
        "migmerge fix",
    ),
    CLOSED_COLLISION.code: Example(
        (
            _script("main", "b2", "add orders", "a1", upgrade=_ORDERS),
            _script("main", "c3", "make orders", "a1", upgrade=_ORDERS),
            _script("main", "d4", "merge", "b2", "c3"),
        ),
        _CHECK,
        'both sides create the table orders: b2 "add orders" (ann, main) at '
        f'{_VERSIONS}/b2_add_orders.py:19 and c3 "make orders" (ann, main) at '
        f"{_VERSIONS}/c3_make_orders.py:19; d4 joins them, and whichever runs second fails",
        "migmerge fix",
    ),
    PHANTOM_REVISION.code: Example(
        (
            _script("orders", "c3", "add orders", "a1", upgrade=_ORDERS),
            "alembic upgrade head",
            "git switch main",
        ),
        _DOCTOR,
        'shop.db records c3, which is in no script here: "add orders" by bea, 3 days ago, on the branch orders',
        "migmerge sync",
        symptom="Can't locate revision identified by 'c3'",
    ),
    PENDING_REVISIONS.code: Example(
        (_EMAIL_ADDED,),
        _DOCTOR,
        '1 revision has not run in shop.db: b2 "add email"',
        "alembic upgrade head",
        symptom="Target database is not up to date.",
    ),
    SKIPPED_REVISION.code: Example(
        (
            _script("main", "b2", "add orders", "a1", upgrade=_ORDERS),
            "alembic stamp head",
        ),
        _DOCTOR,
        'shop.db records b2 "add orders" as run, but the table orders is not there',
        "migmerge sync",
        symptom="no such table: orders",
    ),
    UNSTAMPED_DATABASE.code: Example(
        ("sqlite3 shop.db 'DELETE FROM alembic_version'",),
        _DOCTOR,
        'shop.db has nothing in alembic_version, but its tables are there: its schema is that of a1 "create users"',
        "alembic stamp a1",
        symptom="table users already exists",
    ),
    MODELS_AHEAD.code: Example(
        ('echo \'sa.Table("orders", metadata, sa.Column("id", sa.Integer))\' >> models.py',),
        _DOCTOR,
        "the models differ from the schema of shop.db: only the models have the table orders",
        "alembic revision --autogenerate -m 'what it does'",
        symptom="New upgrade operations detected",
    ),
    DATABASE_UNREACHABLE.code: Example(
        ("sed -i '1i import os; key = os.environ[\"SECRET_KEY\"]' migrations/env.py",),
        _DOCTOR,
        "KeyError: 'SECRET_KEY'; the variable SECRET_KEY is not set, or empty: no file beside the project sets it",
        "SECRET_KEY=… migmerge doctor",
    ),
    OVERLAPPING_RECORDS.code: Example(
        (
            _EMAIL_ADDED,
            "alembic upgrade head",
            "sqlite3 shop.db \"INSERT INTO alembic_version VALUES ('a1')\"",
        ),
        _DOCTOR,
        'alembic_version of shop.db holds a1 "create users" and b2 "add email", which follows it: every upgrade fails',
        "migmerge sync",
        symptom="Requested revision b2 overlaps with other requested revisions a1",
    ),
    UNPROVEN_REVISION.code: Example(
        (
            _script("main", "b2", "activate", "a1", upgrade='op.execute("UPDATE users SET id = id + 1")'),
            "alembic upgrade head",
        ),
        _DOCTOR,
        'shop.db: 2 revisions: 1 verified, 1 cannot be told from their text: b2 "activate"',
        "migmerge doctor --deep",
    ),
    EDITED_SINCE_RUN.code: Example(
        (
            _EMAIL_ADDED,
            "alembic upgrade head",
            f'sed -i \'s/"email"/"mail"/\' {_VERSIONS}/b2_add_email.py',
        ),
        _DOCTOR,
        'shop.db ran b2 "add email" as commit cac9c0b764 has it; it was edited since then: the column users.mail is not there',
        "migmerge sync",
        symptom="no such column: mail",
    ),
    LEFTOVERS.code: Example(
        ("sqlite3 shop.db 'CREATE TABLE _alembic_tmp_users (id INTEGER)'",),
        _DOCTOR,
        "shop.db holds the table _alembic_tmp_users, which a run that died has left: the next change of "
        "the table would die of it",
        "migmerge sync",
        symptom='table "_alembic_tmp_users" already exists',
    ),
    HOOKS_MISSING.code: Example(
        ("migmerge uninstall",),
        _DOCTOR,
        "the hooks are not installed in this clone",
        "migmerge install",
    ),
    HOOKS_BROKEN.code: Example(
        (
            ".venv/bin/migmerge install",
            "mv .venv .old",
        ),
        _DOCTOR,
        "the hooks call /home/ann/shop/.venv/bin/python and /home/ann/shop/.venv/bin/migmerge, which cannot be run",
        "migmerge install",
    ),
}
"""The example of each code."""
