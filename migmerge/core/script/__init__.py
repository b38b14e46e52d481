"""A script's text: what it says, never running it, and how it says something else."""
