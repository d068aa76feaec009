"""Audit the built-in model and the built-in writer: the figures here, and the section of the built-in model's card.

python experiments/audit_builtin/audit.py [builtin-writer|builtin]
"""

import sys
from pathlib import Path

from feelscope.audit import card, report
from feelscope.audit.gender import audit_gender
from feelscope.audit.scored import BUILTIN_WRITER, open_scored
from feelscope.audit.summary import to_text

HERE = Path(__file__).parent

for model in sys.argv[1:] or (BUILTIN_WRITER, "builtin"):
    scored = open_scored(model)
    found = audit_gender(scored)
    command = "feelscope audit gender" + f" --model {model}" * (model != "builtin")
    report.write(found, HERE / model, scored.modalities, command)
    for path in (HERE / model).iterdir():
        if path.suffix in (".svg", ".html", ".json") or path.name in (
            "subjects.csv",
            "swaps.csv",
        ):  # the command has all
            path.unlink()
    print(to_text(found))
    if model == "builtin":
        card.add(found, scored, command)
