"""The multiverse: when the lead came and how large it was, under every combination of definitions.

`record` lays the daily record out as a matrix, and the origins of its rows under every choice of tags; `tokens` counts
each universe; `dates` finds the lead and its size under every specification; `summary` says how the results spread.
"""

from helpers.analysis.multiverse.dates import explain_missing, run_multiverse
from helpers.analysis.multiverse.summary import count_pruned, explain_variance, place_headline, share_dates

__all__ = ["count_pruned", "explain_missing", "explain_variance", "place_headline", "run_multiverse", "share_dates"]
