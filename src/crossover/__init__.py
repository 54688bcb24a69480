"""The application around `helpers`: it runs the notebooks, fetches, reports, packs and checks."""

from helpers import __version__

__all__ = ["__version__"]
