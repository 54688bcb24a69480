"""Pure functions from tables to tables: the whole analysis. Imports nothing of the other rooms."""
