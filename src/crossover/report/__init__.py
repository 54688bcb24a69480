"""The report: a run as a folder of pages."""
