"""A real terminal: a pseudo-terminal with a session of its own, in which a user types."""

from __future__ import annotations

import re

import pexpect

from tests.support.project import Project

MENU = "Join them?"
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")
ENTER, CTRL_C, DOWN = "\r", "\x03", "\x1b[B"


def plain(seen: str) -> str:
    """Return what a terminal showed, without colours."""
    return _ESCAPE.sub("", seen)


class Terminal:
    """Run one command on a terminal and answer what it asks."""

    def __init__(self, project: Project, *command: str, env: dict[str, str] | None = None, **more: str) -> None:
        self.child: pexpect.spawn[str] = pexpect.spawn(
            command[0],
            list(command[1:]),
            cwd=str(project.top),
            env=project.environment(**{**(env or {}), **more}),
            encoding="utf-8",
            codec_errors="replace",
            timeout=30,
            dimensions=(40, 140),
        )
        self.seen = ""

    def wait_for(self, text: str) -> Terminal:
        """Read until `text` shows."""
        self.child.expect_exact(text)
        self.seen += (self.child.before or "") + text
        return self

    def wait_for_menu(self) -> Terminal:
        """Read until the menu stands there and takes keys."""
        return self.wait_for(MENU).wait_for("not now")

    def type(self, *keys: str) -> Terminal:
        for key in keys:
            self.child.send(key)
        return self

    def finish(self) -> tuple[int | None, str]:
        """Read to the end; return the exit status (None where a signal ended it) and what was shown, without colours."""
        self.child.expect_exact(pexpect.EOF)
        self.seen += self.child.before or ""
        self.child.close()
        return self.child.exitstatus, plain(self.seen)
