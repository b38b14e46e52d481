"""The directive `screen`: a captured screen as a picture, light or dark, whose text stands in for it."""

from __future__ import annotations

from docutils import nodes
from docutils.parsers.rst import Directive


class ScreenDirective(Directive):  # type: ignore[misc]
    """Show `docs/screens/NAME-light.svg` or its dark twin, as the reader's theme is."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        settings = self.state.document.settings
        folder = settings.env.srcdir / "screens"
        name = self.arguments[0]
        settings.record_dependencies.add(str(folder / f"{name}.txt"))
        text = (folder / f"{name}.txt").read_text(encoding="utf-8")
        shown = nodes.container(classes=["screen"])
        for theme in ("light", "dark"):
            shown += nodes.image(uri=f"/screens/{name}-{theme}.svg", alt=text, classes=[f"only-{theme}"], candidates={})
        return [shown]
