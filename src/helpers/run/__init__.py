"""What executes: the notebooks in order through papermill, their parameters and the command line."""
