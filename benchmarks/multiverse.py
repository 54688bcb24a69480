"""How fast the multiverse is, measured against one specification at a time in plain pandas.

    python benchmarks/multiverse.py [--runs 9] [--sample 100]

On one core, on the full grid and the real record: from the table of tagged days in memory to the table of results in
memory. Both sides are timed in the same run; the sample of specifications is random with a fixed seed. Not part of the
tests; benchmarks/README.md says what was measured.
"""

import argparse
import importlib.util
import os
import platform
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from helpers.analysis.cleaning import clean_rankings
from helpers.analysis.multiverse import run_multiverse
from helpers.analysis.origins import tag_origins
from helpers.data.rankings import read_rankings
from helpers.data.registry import read_registry
from helpers.data.specifications import read_specifications

ROOT = Path(__file__).resolve().parents[1]
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SEED = 20260209


def stay_on_one_core() -> None:
    """Start over with one thread allowed, since numpy reads the limit when it is imported; keep to one core."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ONE_THREAD)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # pandas and pyarrow as well


def load_oracle():
    """Import tests/multiverse_oracle.py by its path: the tests are no package."""
    spec = importlib.util.spec_from_file_location("multiverse_oracle", ROOT / "tests" / "multiverse_oracle.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def clock(function, *arguments, **options) -> tuple[float, float, object]:
    """Call a function and give its seconds by the wall clock and of the processor, with its result."""
    wall, processor = time.perf_counter(), time.process_time()
    result = function(*arguments, **options)
    return time.perf_counter() - wall, time.process_time() - processor, result


def describe(seconds: list[float], *, unit: float, digits: int) -> str:
    """Say the median of several times and their spread."""
    shown = [f"{value / unit:.{digits}f}" for value in (statistics.median(seconds), min(seconds), max(seconds))]
    return f"median {shown[0]} ({shown[1]} to {shown[2]})"


def main() -> None:
    """Measure, compare a sample exactly, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="timed runs of the whole grid (default: 9)")
    parser.add_argument("--sample", type=int, default=100, help="specifications given to plain pandas (default: 100)")
    asked = parser.parse_args()
    if asked.runs < 5 or asked.sample < 1:
        parser.error("measure at least 5 runs and 1 specification")
    stay_on_one_core()

    raw = ROOT / "data" / "raw"
    registry = vars(read_registry(raw))
    grid = read_specifications(raw)
    tagged = tag_origins(clean_rankings(read_rankings(raw)), **registry)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    specifications, pruned = run_multiverse(tagged, grid, **registry)  # pays for lazy imports and cold caches
    runs = [clock(run_multiverse, tagged, grid, **registry)[:2] for _ in range(asked.runs)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    oracle = load_oracle()
    about = grid[grid["author"].ne("") | grid["permaslug"].ne("")].drop_duplicates("dimension")
    subjects = {row.dimension: (row.author, row.permaslug) for row in about.itertuples()}
    record = oracle.Record(tagged, **registry, subjects=subjects)
    sample = specifications.sample(asked.sample, random_state=SEED).to_dict("records")
    single, wrong = [], 0
    for row in sample:
        *taken, expected = clock(oracle.evaluate, record, {name: row[name] for name in grid["dimension"].unique()})
        single.append(taken)
        wrong += any(row[k] != value and not (pd.isna(row[k]) and pd.isna(value)) for k, value in expected.items())

    count = len(specifications)
    versions = f"numpy {np.__version__}, pandas {pd.__version__}, pyarrow {pa.__version__}"
    print(f"machine       {platform.machine()}, {processor()}, one core; {platform.system()} {platform.release()}")
    print(f"versions      Python {platform.python_version()}, {versions}")
    print(f"record        {len(tagged)} rows, {tagged['date'].nunique()} days")
    print(f"grid          {count + len(pruned)} combinations, {len(pruned)} pruned, {count} specifications")
    for place, clock_name in enumerate(("wall clock", "processor")):
        whole, each = [run[place] for run in runs], [taken[place] for taken in single]
        rate = count / statistics.median(whole)
        print(f"{clock_name}")
        print(f"  multiverse    {describe(whole, unit=1, digits=3)} s, {len(runs)} runs: {rate:,.0f} specifications/s")
        print(f"  plain pandas  {describe(each, unit=1e-3, digits=0)} ms a specification, {len(single)} of them")
        print(f"  faster        {statistics.median(each) * rate:,.0f} times a specification")
    print(f"agreement     {len(sample) - wrong} of {len(sample)} specifications equal in every output")
    print(f"peak memory   {peak:.0f} MB ({before:.0f} MB before the first run)")
    sys.exit(1 if wrong else 0)


def processor() -> str:
    """Name the processor as Linux does, or as Python knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )


if __name__ == "__main__":
    main()
