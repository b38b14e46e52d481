"""`python -I -m migmerge`, which the hooks call; without -I or -P the current folder could answer our imports."""

from .cli import main

raise SystemExit(main())
