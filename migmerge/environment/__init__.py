"""The project's files: finding environments, reading their configuration as data, writing a merge revision."""
