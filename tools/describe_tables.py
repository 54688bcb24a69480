"""Write what data/README.md says of tables and claims anew: `.venv/bin/python tools/describe_tables.py`."""

import re
from pathlib import Path

from helpers.analysis.claims.readings import QUANTITIES
from helpers.data.contracts import describe_tables

README = Path(__file__).resolve().parents[1] / "data" / "README.md"

text = README.read_text(encoding="utf-8")
tables = f"<!-- tables -->\n\n{describe_tables()}\n\n<!-- /tables -->"
text = re.sub(r"<!-- tables -->.*<!-- /tables -->", lambda _: tables, text, flags=re.DOTALL)
listed = (f"`{name}`" + ("" if quantity.measure else " (not in the record)") for name, quantity in QUANTITIES.items())
names = f"| `quantity` | {', '.join(listed)} |"
text = re.sub(r"(?m)^\| `quantity` \| `.*", lambda _: names, text)
README.write_text(text, encoding="utf-8")
