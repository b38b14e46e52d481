"""`python -I -m migmerge`, which the hooks call; without -I or -P the current folder could answer our imports."""

try:
    from .cli import main

    status = main()
except KeyboardInterrupt:
    status = 130
raise SystemExit(status)
