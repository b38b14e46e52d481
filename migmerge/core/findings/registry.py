"""The finding codes, one row each: texts for readers and tools, and how migmerge treats such a finding."""

from __future__ import annotations

from ..finding import FindingKind, InHook, Severity

DIVERGENT_HEADS = FindingKind(
    "MM001",
    "divergent-heads",
    Severity.ERROR,
    title="Several heads descend from one revision, and no branch label sets them apart.",
    cause="Two developers each added a revision on the same parent, and git merged both scripts without a conflict.",
    cure="Run migmerge fix: it writes and commits the merge revision that joins them.",
    symptom="Multiple head revisions are present for given argument 'head'",
    shown_before_fix=True,
)
MISSING_PARENT = FindingKind(
    "MM002",
    "missing-parent",
    Severity.ERROR,
    title="A down_revision or depends_on names a revision that is in no script.",
    cause="The script with that revision was left on another branch, deleted, renumbered, or never committed.",
    cure="Run migmerge fix: it names the revision that can stand for it; or bring the script from where the message says.",
    symptom="KeyError: '{last}'",
    blocks_fix=True,
    has_repair=True,
    names_line=True,
)
DUPLICATE_REVISION = FindingKind(
    "MM003",
    "duplicate-revision",
    Severity.ERROR,
    title="Two scripts have the same revision id.",
    cause="A script was copied, or two developers took the same running number.",
    cure="Run migmerge fix: it gives your own script another id, or removes a copy; a merge revision does not help.",
    symptom="Revision {first} is present more than once",
    blocks_fix=True,
    has_repair=True,
    names_line=True,
)
REVISION_CYCLE = FindingKind(
    "MM004",
    "revision-cycle",
    Severity.ERROR,
    title="Revisions follow one another in a circle, so that none of them comes first.",
    cause="A down_revision was edited by hand, or a merge took both sides of such an edit.",
    cure="Correct the down_revision that closes the circle.",
    symptom="Cycle is detected in revisions ({all})",
    blocks_fix=True,
    names_line=True,
)
UNREADABLE_SCRIPT = FindingKind(
    "MM005",
    "unreadable-script",
    Severity.ERROR,
    title="The ids of a script cannot be known without running it, or Python cannot load it.",
    cause="The script has a syntax error or the markers of a merge conflict, or it computes its identifiers; or Alembic refuses "
    "a value of the ini or toml file.",
    cure="Resolve the conflict markers or the syntax error, and write revision and down_revision as plain strings.",
    in_hook=InHook.WHEN_NEW,
    blocks_fix=True,
    follows_from_conflict=True,
    names_line=True,
)
DOUBLE_MERGE = FindingKind(
    "MM006",
    "double-merge",
    Severity.ERROR,
    title="Two merge revisions join the same heads.",
    cause="Two branches each joined the heads, with a merge revision of their own.",
    cure="Run migmerge fix: one more merge revision joins the two.",
)
COLLIDING_OPERATIONS = FindingKind(
    "MM007",
    "colliding-operations",
    Severity.WARNING,
    title="The sides of a divergence change the same table, column, index, constraint or enum in ways that clash.",
    cause="Two branches changed the same part of the schema without knowing of each other.",
    cure="Read the scripts of both sides and settle which change stays before the heads are joined.",
    certain=False,
    in_hook=InHook.WITH_DIVERGENCE,
    shown_before_fix=True,
)
PUBLISHED_REVISION_CHANGED = FindingKind(
    "MM008",
    "published-revision-changed",
    Severity.WARNING,
    title="A script that the default branch has was edited, re-parented, renamed or deleted here.",
    cause="The branch changes a migration that other people, and perhaps their databases, already have.",
    cure="Restore it and make the change in a new revision, for a database that has run it does not run it again.",
)
UNCOMMITTED_SCRIPT = FindingKind(
    "MM009",
    "uncommitted-script",
    Severity.WARNING,
    title="A script in a versions directory is not in git: Alembic loads it here, a fresh clone does not have it.",
    cause="The script was generated and not committed yet, or git ignores it.",
    cure="Commit it, or remove it.",
    needs_history=False,
)
UNLABELLED_BASES = FindingKind(
    "MM010",
    "unlabelled-bases",
    Severity.WARNING,
    title="Unrelated roots share one environment without branch labels.",
    cause="A migration was generated against an empty versions directory, or histories of two projects were put together.",
    cure="Set the down_revision where a root was not meant, or branch_labels where it was.",
    in_hook=InHook.WHEN_NEW,
    refusal="a merge revision would tie them together for good",
    names_line=True,
)
NO_MESSAGE = FindingKind(
    "MM011",
    "no-message",
    Severity.INFO,
    title="A script has no message in its docstring.",
    cause="The revision was made without -m.",
    cure="Say in the docstring's first line what the revision does.",
    needs_history=False,
    follows_from_conflict=True,
)
UNREAD_SCRIPTS = FindingKind(
    "MM012",
    "unread-scripts",
    Severity.WARNING,
    title="Files that look like revisions belong to no environment that was found.",
    cause="A program names their folder in code, or an installed package registers it, so that no file of the project shows it.",
    cure="Declare the environment in pyproject.toml, as the hint does.",
    certain=False,
    needs_history=False,
)
MOVED_UNDER_YOU = FindingKind(
    "MM013",
    "moved-under-you",
    Severity.WARNING,
    title="A revision that was here before a merge, a rebase or a checkout now follows another parent; only the hooks see it.",
    cause="Somebody re-parented the revision after you had received it.",
    cure="Run migmerge doctor: it says whether your database has run the revision and lacks what now comes before it.",
    in_hook=InHook.WHEN_NEW,
    needs_history=False,
)
UNUSABLE_IDENTIFIER = FindingKind(
    "MM014",
    "unusable-identifier",
    Severity.ERROR,
    title="Alembic refuses an id or a branch label, or the version table has no room for an id.",
    cause="The id was written by hand, or a file template made it; or two scripts carry one label.",
    cure="Run migmerge fix: it gives an unpublished script another id, or takes the label out of one of the scripts.",
    blocks_fix=True,
    has_repair=True,
    names_line=True,
)
REDUNDANT_PARENT = FindingKind(
    "MM015",
    "redundant-parent",
    Severity.ERROR,
    title="A revision names an ancestor of another one that it follows or depends on: Alembic's upgrade dies of it.",
    cause="A merge revision was written or edited by hand, or a depends_on names what a parent brings along.",
    cure="Run migmerge fix: it removes the name that another one implies.",
    symptom="KeyError: '{last}'",
    has_repair=True,
    names_line=True,
)
CLOSED_COLLISION = FindingKind(
    "MM016",
    "closed-collision",
    Severity.ERROR,
    title="A merge point joins two sides of which the second cannot run after the first, whichever comes first.",
    cause="Both sides make, drop or rename the same thing, and the heads were joined all the same.",
    cure="Drop the doubled operation from the script that no database has run; where only you have it, migmerge fix does.",
    has_repair=True,
)
PHANTOM_REVISION = FindingKind(
    "MM101",
    "phantom-revision",
    Severity.ERROR,
    title="A database records a revision that is in no script here.",
    cause="The database ran a migration of another branch, and that branch is not checked out or is gone.",
    cure="Run migmerge sync: it takes the revision back with its own script, found in git, and upgrades.",
    symptom="Can't locate revision identified by '{first}'",
)
PENDING_REVISIONS = FindingKind(
    "MM102",
    "pending-revisions",
    Severity.WARNING,
    title="Revisions are here that a database has not run.",
    cause="A pull, merge or checkout brought migrations, and the database was not upgraded since.",
    cure="Run flask db upgrade, or alembic upgrade head. Where one of them would fail, first change its script, or what is in "
    "its way.",
    symptom="Target database is not up to date.",
)
SKIPPED_REVISION = FindingKind(
    "MM103",
    "skipped-revision",
    Severity.ERROR,
    title="A database records a revision as run whose tables, columns or indexes are not there.",
    cause="A revision was put below one that the database had run already, or the database was stamped.",
    cure="Run migmerge sync: it runs the skipped revision alone, after a backup.",
    certain=False,
)
UNSTAMPED_DATABASE = FindingKind(
    "MM104",
    "unstamped-database",
    Severity.ERROR,
    title="A database has the tables of revisions and records none.",
    cause="The tables were made by db.create_all() or a restored dump, or alembic_version was emptied.",
    cure="Stamp it with the revision whose effects are there, as the hint says.",
    certain=False,
)
MODELS_AHEAD = FindingKind(
    "MM105",
    "models-ahead",
    Severity.WARNING,
    title="The models differ from the schema that the revisions made.",
    cause="A model was changed and no revision was generated for the change.",
    cure="Run flask db migrate, or alembic revision --autogenerate.",
    symptom="New upgrade operations detected",
)
DATABASE_UNREACHABLE = FindingKind(
    "MM106",
    "database-unreachable",
    Severity.WARNING,
    title="The database could not be asked.",
    cause="The server is down, the application does not start or lacks a variable, or the database may be no developer's own.",
    cure="Start it, activate the project's environment, or name it, as the hint says.",
)
OVERLAPPING_RECORDS = FindingKind(
    "MM107",
    "overlapping-records",
    Severity.ERROR,
    title="The version table of a database holds a revision and one that it follows.",
    cause="The table was edited by hand, a dump was restored beside it, or two upgrades ran at once.",
    cure="Run migmerge sync: it deletes the row of the revision that the other one implies, and runs what is pending.",
    symptom="Requested revision {first} overlaps with other requested revisions {last}",
)
UNPROVEN_REVISION = FindingKind(
    "MM108",
    "unproven-revision",
    Severity.WARNING,
    title="A database records revisions of which nothing tells whether they ran.",
    cause="They change only rows, or what later revisions made otherwise; or only a replay of their scripts can tell.",
    cure="Run migmerge doctor --deep, which replays the scripts beside the database; read the scripts of what that leaves.",
)
EDITED_SINCE_RUN = FindingKind(
    "MM109",
    "edited-since-run",
    Severity.ERROR,
    title="The script that a database ran is not the script that is here, and the schema shows the difference.",
    cause="A migration was edited after it had run: Alembic does not run it again.",
    cure="Run migmerge sync: it makes what the edit added. For every other database, put the difference into a new revision.",
)
LEFTOVERS = FindingKind(
    "MM110",
    "leftovers",
    Severity.WARNING,
    title="A database holds what an earlier run left, and the next run dies of it.",
    cause="A downgrade left an enum type, a view, a sequence, a function or an index, or a batch operation of SQLite was stopped "
    "half-way; or something else made what a revision is about to make.",
    cure="Run migmerge sync: it drops what was left, or gives the only copy of a table its name back, and goes on.",
)
HOOKS_MISSING = FindingKind(
    "MM201",
    "hooks-missing",
    Severity.WARNING,
    title="The git hooks are not in this clone, or git does not call them.",
    cause="migmerge install was not run in this clone, or another tool overwrote the hooks.",
    cure="Run migmerge install.",
)
HOOKS_BROKEN = FindingKind(
    "MM202",
    "hooks-broken",
    Severity.WARNING,
    title="The git hooks are in this clone, and the Python that they name is gone.",
    cause="The environment in which migmerge install was run was deleted, or made anew with another Python.",
    cure="Run migmerge install.",
    needs_history=False,
)

REGISTRY: tuple[FindingKind, ...] = (
    DIVERGENT_HEADS,
    MISSING_PARENT,
    DUPLICATE_REVISION,
    REVISION_CYCLE,
    UNREADABLE_SCRIPT,
    DOUBLE_MERGE,
    COLLIDING_OPERATIONS,
    PUBLISHED_REVISION_CHANGED,
    UNCOMMITTED_SCRIPT,
    UNLABELLED_BASES,
    NO_MESSAGE,
    UNREAD_SCRIPTS,
    MOVED_UNDER_YOU,
    UNUSABLE_IDENTIFIER,
    REDUNDANT_PARENT,
    CLOSED_COLLISION,
    PHANTOM_REVISION,
    PENDING_REVISIONS,
    SKIPPED_REVISION,
    UNSTAMPED_DATABASE,
    MODELS_AHEAD,
    DATABASE_UNREACHABLE,
    OVERLAPPING_RECORDS,
    UNPROVEN_REVISION,
    EDITED_SINCE_RUN,
    LEFTOVERS,
    HOOKS_MISSING,
    HOOKS_BROKEN,
)
"""All kinds, in the order of their codes."""


def symptom_of(kind: FindingKind, revisions: tuple[str, ...]) -> str | None:
    """Return the error in which a user meets a finding of these revisions; None where Alembic raises none."""
    if kind.symptom is None or (not revisions and "{" in kind.symptom):
        return None
    named = {"first": revisions[0], "last": revisions[-1], "all": ", ".join(revisions)} if revisions else {}
    return kind.symptom.format(**named)
