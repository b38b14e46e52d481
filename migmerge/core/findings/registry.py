"""What each code means and what to do about it, for tools that show rules beside findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..finding import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """Describe one code in a sentence each; `certain` is false where the scripts' text allows only a good guess."""

    severity: Severity
    summary: str
    cure: str
    certain: bool = True


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "MM001": Rule(
            Severity.ERROR,
            "Several heads descend from one revision, and no branch label sets them apart.",
            "Run migmerge fix: it writes and commits the merge revision that joins them.",
        ),
        "MM002": Rule(
            Severity.ERROR,
            "A down_revision or depends_on names a revision that is in no script.",
            "Bring the script back from where the message says git has it, or name a revision that is here.",
        ),
        "MM003": Rule(
            Severity.ERROR,
            "Two scripts have the same revision id.",
            "Remove the copy, or give the later script an id of its own; a merge revision does not help.",
        ),
        "MM004": Rule(
            Severity.ERROR,
            "Revisions follow one another in a circle, so that none of them comes first.",
            "Correct the down_revision that closes the circle.",
        ),
        "MM005": Rule(
            Severity.ERROR,
            "The ids of a script cannot be known without running it, or Python cannot load it.",
            "Resolve the conflict markers or the syntax error, and write revision and down_revision as plain strings.",
        ),
        "MM006": Rule(
            Severity.ERROR,
            "Two merge revisions join the same heads.",
            "Run migmerge fix: one more merge revision joins the two.",
        ),
        "MM007": Rule(
            Severity.WARNING,
            "The sides of a divergence change the same table, column, index, constraint or enum in ways that clash.",
            "Read the scripts of both sides and settle which change stays before the heads are joined.",
            certain=False,
        ),
        "MM008": Rule(
            Severity.WARNING,
            "A script that the default branch has was edited, re-parented, renamed or deleted here.",
            "Restore it and make the change in a new revision, for a database that has run it does not run it again.",
        ),
        "MM009": Rule(
            Severity.WARNING,
            "A script in a versions directory is not in git: Alembic loads it here, a fresh clone does not have it.",
            "Commit it, or remove it.",
        ),
        "MM010": Rule(
            Severity.WARNING,
            "Unrelated roots share one environment without branch labels.",
            "Set the down_revision where a root was not meant, or branch_labels where it was.",
        ),
        "MM011": Rule(
            Severity.INFO,
            "A script has no message in its docstring.",
            "Say in the docstring's first line what the revision does.",
        ),
        "MM101": Rule(
            Severity.ERROR,
            "A database records a revision that is in no script here.",
            "Run migmerge sync: it takes the revision back with its own script, found in git, and upgrades.",
        ),
        "MM102": Rule(
            Severity.WARNING,
            "Revisions are here that a database has not run.",
            "Run flask db upgrade, or alembic upgrade head.",
        ),
        "MM103": Rule(
            Severity.ERROR,
            "A database records a revision as run whose tables, columns or indexes are not there.",
            "Run migmerge sync: it runs the skipped revision alone, after a backup.",
            certain=False,
        ),
        "MM104": Rule(
            Severity.ERROR,
            "A database has the tables of revisions and records none.",
            "Stamp it with the revision whose effects are there, as the hint says.",
            certain=False,
        ),
        "MM105": Rule(
            Severity.WARNING,
            "The models differ from the schema that the revisions made.",
            "Run flask db migrate, or alembic revision --autogenerate.",
        ),
        "MM106": Rule(
            Severity.WARNING,
            "The database could not be asked.",
            "Start it, activate the project's environment, or name it, as the hint says.",
        ),
        "MM201": Rule(
            Severity.WARNING,
            "The git hooks are not in this clone, or git does not call them.",
            "Run migmerge install.",
        ),
    }
)
