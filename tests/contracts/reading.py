"""Messages as they were once written down, in `golden/`."""

import json
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden"


def read(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text("utf-8"))
