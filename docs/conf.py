"""Sphinx's settings: Markdown in the theme Furo, which brings no web font and nothing from another host."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from docs.generate.pages import write_pages  # noqa: E402
from docs.generate.screen_directive import ScreenDirective  # noqa: E402

project = "migmerge"
author = "The migmerge authors"
html_title = "migmerge"
extensions = ["myst_parser", "sphinx_copybutton"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["generate"]
html_theme = "furo"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
copybutton_prompt_text = "$ "
copybutton_exclude = ".linenos, .gp, .go"
nitpicky = True


def setup(app: Any) -> None:
    """Write the pages that come from the registry and the command line before Sphinx reads any."""
    write_pages(HERE)
    app.add_directive("screen", ScreenDirective)
