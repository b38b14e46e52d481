"""One file a command, each a short pipeline over the rooms."""
