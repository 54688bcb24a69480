"""The commands beyond `run`, one module each; a module registers its options and loads nothing heavy."""
