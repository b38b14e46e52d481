"""The width of text in the cells of a terminal; rich, which knows it, takes 20 ms to import."""

from __future__ import annotations


def width_of(text: str) -> int:
    """Return the cells that a text takes."""
    from rich.cells import cell_len

    return cell_len(text)


def cropped(text: str, most: int) -> str:
    """Return a text of at most `most` cells, without an ellipsis; half of a wide character becomes a space."""
    from rich.cells import set_cell_size

    return set_cell_size(text, min(most, width_of(text)))


def fitted(text: str, most: int) -> str:
    """Return a text of at most `most` cells; the last cell of a longer text becomes an ellipsis."""
    return text if width_of(text) <= most else f"{cropped(text, most - 1)}…"


def padded(text: str, width: int) -> str:
    """Return a text with spaces up to a width."""
    return text + " " * (width - width_of(text))
