"""Pictures of revisions: for a terminal, a pull request, Graphviz, a browser, a program."""
