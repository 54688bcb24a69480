"""The application around `helpers`: it runs the notebooks, fetches, reports, packs and checks.

==================  ==================================================================================================
`cli`, `commands`   What can be asked for on the command line? A command only calls
`runs`              What did a run read, choose and write? (run.json: everything below opens a run)
`runner`            Run the notebooks that are stale, each in a kernel of its own; publish what succeeded
`workbench`         Open a notebook as a run had it, and bring the edits back
`live`              Fetch days, store them, compare two records, look after the registry
`report`            The results as pages that open from disk
`article`           A figure for a journal: packages, checks of the files, quotations
`bundle`            A run in one archive, and is it still what it was? (`datapackage`: its tables described)
`compare`           Two runs side by side
`secrets`           The key, and that no file holds it
==================  ==================================================================================================
"""

from helpers import __version__

__all__ = ["__version__"]
