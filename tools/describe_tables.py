"""Write the tables' section of data/README.md anew from the contracts: `.venv/bin/python tools/describe_tables.py`."""

import re
from pathlib import Path

from helpers.data.contracts import describe_tables

README = Path(__file__).resolve().parents[1] / "data" / "README.md"

text = README.read_text(encoding="utf-8")
block = f"<!-- tables -->\n\n{describe_tables()}\n\n<!-- /tables -->"
README.write_text(
    re.sub(r"<!-- tables -->.*<!-- /tables -->", lambda _: block, text, flags=re.DOTALL), encoding="utf-8"
)
