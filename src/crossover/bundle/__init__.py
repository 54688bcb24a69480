"""The research object: a run in one archive, and whether it is still what it was."""
