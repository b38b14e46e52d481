"""`migmerge completion`: the script that completes the command line in a shell."""

from __future__ import annotations

from argparse import ArgumentParser

from ..output.screen import print_document


def completion(shell: str, parser: ArgumentParser) -> int:
    """Print the completion script of a parser's command line for a shell."""
    import shtab  # only this command needs it

    print_document(shtab.complete(parser, shell))
    return 0
