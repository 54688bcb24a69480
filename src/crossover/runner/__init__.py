"""The runner: notebooks in order, each in a kernel of its own, its results published when it succeeded."""
