"""Data that change: fetching, snapshots, restated days, registry upkeep."""
