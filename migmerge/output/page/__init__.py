"""The page that `migmerge report` writes."""
