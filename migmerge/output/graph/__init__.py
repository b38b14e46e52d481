"""Drawings of the revision graph: for a terminal, a pull request, Graphviz, a browser."""
