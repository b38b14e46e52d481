"""Two developers with clones, a linked work tree, a bare server and production, and what must always be true of them."""

from __future__ import annotations

import atexit
import io
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from tests.support.checkout import VERSIONS, Checkout, Committed, State, ancestors, has_cycle
from tests.support.programs import run_program
from tests.support.project import TEMPLATE
from tests.support.shop import creating

CHECKOUTS = {"ann": "ann", "bea": "bea", "tree": "ann", "production": "ops"}
"""The user of every checkout: `tree` is a linked work tree of ann's clone."""
CLONES = ("ann", "bea", "production")
ENV_PY = """from pathlib import Path
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(f"sqlite:///{Path(__file__).parents[1] / 'dev.db'}")
sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""
SETTINGS = {
    "push.default": "current",
    "merge.renames": "false",
    "remote.origin.url": "../server.git",
    "core.fsync": "none",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
_REPARENTED = re.compile(r"^(?:recommended: )?re-parenting puts (.*)", re.MULTILINE)
_MOVED = re.compile(r"(\w+) after \w+")


@cache
def _template(*, hooks: bool) -> Path:
    """Make the server and the clones, which each run copies; with hooks, ann and bea have installed them."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    top = folder / "team"
    if hooks:
        _copy(_template(hooks=False), top)
        for name in ("ann", "bea"):
            checkout = Checkout(top / name)
            done = run_program("migmerge", "install", cwd=checkout.top, env=checkout.environment())
            assert done.returncode == 0, done.stderr
        return top
    ann = Checkout.empty(top / "ann")
    ann.write("alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n")
    ann.write("migrations/env.py", ENV_PY)
    ann.write("migrations/script.py.mako", TEMPLATE)
    ann.write(".gitignore", "*.db*\n__pycache__/\n")
    ann.write("work.txt", "0\n")
    ann.revision("r0", None, **creating("r0"))
    ann.git("clone", "--quiet", "--bare", "../ann", "../server.git")
    ann.git("remote", "add", "origin", "../server.git")
    ann.git("fetch", "--quiet", "origin")
    ann.git("branch", "--quiet", "--set-upstream-to=origin/main")
    for name in ("bea", "production"):
        ann.git("clone", "--quiet", "../server.git", f"../{name}")
    for name in CLONES:
        user = CHECKOUTS[name]
        for key, value in {**SETTINGS, "user.name": user, "user.email": f"{user}@example.invalid"}.items():
            Checkout(top / name).git("config", key, value)
        shutil.rmtree(top / name / ".git/hooks")
    shutil.rmtree(top / "server.git/hooks")
    ann.git("worktree", "add", "--quiet", "-b", "tree", "../tree")
    return top


def _copy(template: Path, top: Path) -> None:
    """Copy a template; a linked work tree and its clone name each other with full paths."""
    shutil.copytree(template, top, symlinks=True)
    for file in (top / "tree/.git", top / "ann/.git/worktrees/tree/gitdir"):
        file.write_text(file.read_text().replace(str(template), str(top)))


class Team:
    """Hold the checkouts; every action of a developer is counted by what came of it."""

    def __init__(self, top: Path, *, hooks: bool = False) -> None:
        self.top = top
        _copy(_template(hooks=hooks), top)
        self.checkouts = {name: Checkout(top / name, user) for name, user in CHECKOUTS.items()}
        self.counts: Counter[str] = Counter({"runs with hooks": hooks})
        self.applied: dict[str, set[str]] = {user: set() for user in CHECKOUTS.values()}
        self.given: set[str] = set()
        self.authors: dict[str, str] = {}
        self.merge_revisions: dict[str, str] = {}
        self.repaired: list[str] = []
        self.story: list[str] = []
        self._last = 0

    # What developers do

    def git(self, name: str, *arguments: str) -> bool:
        """Run a git that may fail; where it stops in the middle, its conflicts are judged and it is taken back."""
        done = self.checkouts[name].run_git(*arguments)
        self._tell(f"{name}: git {' '.join(arguments)} -> {done.returncode}\n{done.stderr if 'migmerge' in done.stderr else ''}")
        assert "Traceback" not in done.stderr, self._said(done.stderr)
        if done.returncode:
            self._abort(name)
        self.counts["gits" if done.returncode == 0 else "gits refused"] += 1
        self.counts["hooks that spoke"] += "migmerge: " in done.stderr
        self.counts["mails applied"] += arguments[0] == "am" and done.returncode == 0
        return done.returncode == 0

    def _abort(self, name: str) -> None:
        checkout = self.checkouts[name]
        conflicts = checkout.git("diff", "--name-only", "--diff-filter=U").splitlines()
        double = [path for path in conflicts if Path(path).name.partition("_")[0] in self.merge_revisions]
        both = [path for path in double if len(checkout.git("ls-files", "--unmerged", "--", path).splitlines()) == 2]
        assert not both, self._said(f"two repairs conflict: {both}")
        for begun in ("merge", "rebase", "cherry-pick", "revert", "am"):
            checkout.run_git(begun, "--abort")
        if conflicts:
            checkout.git("reset", "--quiet", "--merge")

    def switch(self, name: str, branch: str) -> bool:
        """Switch to a branch, which is made where there is none."""
        return self.git(name, "switch", "--quiet", branch) or self.git(name, "switch", "--quiet", "-c", branch)

    def commit_revision(self, name: str, *, committed: bool = True) -> str:
        """Write a revision as `alembic revision` does, on the first head."""
        self._last += 1
        revision = f"r{self._last}"
        self.authors[revision] = CHECKOUTS[name]
        heads = self.checkouts[name].own_heads
        self.checkouts[name].script(revision, heads[0] if heads else None, **creating(revision))
        self._tell(f"{name}: revision {revision} on {heads}{'' if committed else ', not committed'}")
        if committed:
            self.checkouts[name].git("add", f"{VERSIONS}/{revision}.py")
            self.git(name, "commit", "--quiet", "-m", f"add {revision}", "--", f"{VERSIONS}/{revision}.py")
        return revision

    def mail(self, sender: str, receiver: str) -> bool:
        """Send the last commit as a patch, which `git am` applies."""
        patch = self.checkouts[sender].git("format-patch", "-1", "--stdout", "HEAD")
        self.given |= set(re.findall(rf"{VERSIONS}/(r\d+)\.py", patch))
        self.checkouts[receiver].write("../patch.mbox", patch + "\n")
        return self.git(receiver, "am", "--quiet", "../patch.mbox")

    def request(self, sender: str, receiver: str) -> bool:
        """Send what a branch has as a pull request, of which only the number is fetched."""
        self._give(sender, receiver)
        self.git(sender, "push", "--quiet", "--force", "origin", "HEAD:refs/pull/7/head")
        return self.git(receiver, "pull", "--quiet", "--no-edit", "--no-rebase", "origin", "refs/pull/7/head")

    def pull_from(self, receiver: str, sender: str) -> bool:
        """Pull from another clone by its address."""
        self._give(sender, receiver)
        return self.git(receiver, "pull", "--quiet", "--no-edit", "--no-rebase", f"../{sender}", "HEAD")

    def _give(self, sender: str, receiver: str) -> None:
        self.given |= self.checkouts[sender].scripts.keys() - self.checkouts[receiver].scripts.keys()

    def upgrade(self, name: str) -> None:
        checkout = self.checkouts[name]
        said = ""
        try:
            command.upgrade(Config(str(checkout.top / "alembic.ini"), stdout=io.StringIO()), "heads")
        except (CommandError, OperationalError, KeyError) as error:
            said = f"{type(error).__name__} {error}".splitlines()[0]
        self._tell(f"{name}: alembic upgrade heads: {said or 'done'}")
        self.counts["upgrades refused" if said else "upgrades"] += 1
        self.counts["upgrades that die of a table that is there"] += "already exists" in said
        self._note_applied()

    def deploy(self) -> None:
        """Bring production to the server's main."""
        self.git("production", "fetch", "--quiet", "--prune")
        self.git("production", "checkout", "--quiet", "--force", "--detach", "origin/main")
        self.upgrade("production")

    # What migmerge does

    def fix(self, name: str, *arguments: str) -> bool:
        """Run `migmerge fix`, where the user who knows that somebody was given a revision moves nothing."""
        if self.given & self.checkouts[name].scripts.keys() and self._gave_away(name):
            arguments = ("--strategy", "merge")
        done = self._migmerge(name, "fix", "--yes", *arguments)
        self.repaired += [name] * done
        return done

    def vouch(self, name: str, *arguments: str) -> bool:
        """Re-parent with `--assume-unapplied`, only where nobody else has what moves, nor has a database run it that is not asked."""
        arguments = ("--strategy", "reparent", "--assume-unapplied", *arguments)
        planned = self._run(name, "fix", "--dry-run", *arguments)
        plan = "".join(_REPARENTED.findall(planned.stdout)[:1])
        moved, scripts = set(_MOVED.findall(plan)), self.checkouts[name].scripts
        moved |= {each for each in scripts if moved & ancestors(scripts, [each])}
        pushed = "which only you wrote" in plan
        unasked = {each for user, applied in self.applied.items() if user != CHECKOUTS[name] for each in applied}
        if not moved or moved & (unasked | self.given) or any(self._held_elsewhere(name, each) for each in moved):
            self.counts["not vouched"] += 1
            return False
        done = self._migmerge(name, "fix", "--yes", *arguments)
        self.repaired += [name] * done
        if done and pushed:
            self.counts["re-parentings of what was pushed"] += 1
            self.git(name, "push", "--quiet", "--force", "origin", "HEAD")
        return done

    def undo(self, name: str, before: Committed | None = None) -> bool:
        """Run `migmerge undo`; `before` is what was there before a repair after which nothing else was done."""
        done = self._migmerge(name, "undo", "--yes")
        if before and done:
            after = self.checkouts[name].committed
            assert after == before, self._said(f"not all is taken back: {before} {after}")
            self.counts["undone at once"] += 1
        return done

    def sync(self, name: str) -> bool:
        return self._migmerge(name, "sync", "--yes")

    def _migmerge(self, name: str, verb: str, *arguments: str) -> bool:
        checkout = self.checkouts[name]
        before, lacking, head = checkout.state, self._lacking(), checkout.git("rev-parse", "HEAD")
        scripts = {each: script.parents for each, script in checkout.scripts.items()}
        done = self._run(name, verb, *arguments)
        changed = scripts != {each: script.parents for each, script in checkout.scripts.items()}
        self._count(verb, done, changed=changed or head != checkout.git("rev-parse", "HEAD"))
        assert done.returncode in (0, 1, 2) and "Traceback" not in done.stderr, self._said(done.stdout + done.stderr)
        assert "Error: " not in done.stderr, self._said(done.stdout + done.stderr)
        self._note_applied()
        self._compare(name, before, checkout.state)
        skipped = self._lacking() - lacking
        assert not skipped, self._said(f"skipped: {skipped}")
        return done.returncode == 0

    def _run(self, name: str, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        checkout = self.checkouts[name]
        done = run_program("migmerge", verb, *arguments, cwd=checkout.top, env=checkout.environment())
        self._tell(f"{name}: migmerge {verb} {' '.join(arguments)} -> {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def _count(self, verb: str, done: subprocess.CompletedProcess[str], *, changed: bool) -> None:
        if done.returncode:
            self.counts[f"{verb} refused"] += 1
        elif verb == "undo":
            self.counts["undone" if "nothing to take back" not in done.stdout else "nothing to undo"] += 1
        elif verb == "sync":
            self.counts["synced" if "nothing to do" not in done.stdout else "nothing to sync"] += 1
        elif changed and _REPARENTED.search(done.stdout):
            self.counts["re-parentings"] += 1
            self.counts["re-parentings with a take-back"] += "(about to be re-parented)" in done.stdout
        else:
            self.counts["repairs by a merge revision" if changed else "nothing to fix"] += 1

    # What must be true

    def _compare(self, name: str, before: State, after: State) -> None:
        """Compare a checkout before and after a migmerge."""
        assert before.status == after.status and before.work == after.work, self._said(f"changed: {before} {after}")
        assert before.created == after.created, self._said(f"lost: {before.created ^ after.created}")
        assert after.loads or not before.loads, self._said(f"{name}: Alembic does not load the scripts")

    def check(self) -> None:
        """Judge all checkouts; developers edit no parent, so that a move caused every skipped revision and every cycle."""
        skipped = self._lacking()
        assert not skipped, self._said(f"skipped: {skipped}")
        for name, checkout in self.checkouts.items():
            scripts = checkout.scripts
            assert not has_cycle(scripts), self._said(f"{name}: two moves make a cycle")
            for revision, script in scripts.items():
                if script.creates is None:
                    first = self.merge_revisions.setdefault(revision, script.text)
                    assert first == script.text, self._said(f"{revision} was written in two ways")

    def _lacking(self) -> set[tuple[str, str, str]]:
        return {(name, *pair) for name, checkout in self.checkouts.items() for pair in checkout.lacking()}

    def _gave_away(self, name: str) -> bool:
        """Say whether somebody was given a revision that the user wrote and that is not on the server's main."""
        listed = self.checkouts["production"].git("ls-tree", "-r", "--name-only", "main", cwd=self.top / "server.git")
        published = {Path(path).stem for path in listed.splitlines()}
        return any(self.authors.get(each) == CHECKOUTS[name] for each in self.given - published)

    def _note_applied(self) -> None:
        for checkout in self.checkouts.values():
            self.applied[checkout.user] |= checkout.database.tables

    def _held_elsewhere(self, name: str, revision: str) -> bool:
        """Say whether another clone ever had a revision, or another branch or stash of this one has it."""
        path = f"{VERSIONS}/{revision}.py"
        for other in CLONES:
            checkout = self.checkouts[other]
            if CHECKOUTS[other] != CHECKOUTS[name] and checkout.git("log", "--all", "--reflog", "-1", "--format=%H", "--", path):
                return True
        checkout = self.checkouts[name]
        references = checkout.git("for-each-ref", "--format=%(refname)").splitlines()
        own = (f"refs/heads/{checkout.branch}", f"refs/remotes/origin/{checkout.branch}", "refs/remotes/origin/HEAD")
        return any(checkout.run_git("cat-file", "-e", f"{each}:{path}").returncode == 0 for each in references if each not in own)

    def _tell(self, line: str) -> None:
        self.story.append(line)

    def _said(self, problem: str) -> str:
        return "\n".join([*self.story, problem])
