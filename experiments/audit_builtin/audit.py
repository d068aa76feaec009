"""Audit the built-in model and the built-in writer: the figures here, and the section of the built-in model's card.

python experiments/audit_builtin/audit.py
"""

from pathlib import Path

from feelscope.audit import card, report
from feelscope.audit.gender import audit_gender
from feelscope.audit.scored import BUILTIN_WRITER, open_scored
from feelscope.audit.summary import to_text

HERE = Path(__file__).parent

for model in (BUILTIN_WRITER, "builtin"):
    scored = open_scored(model)
    found = audit_gender(scored)
    command = "feelscope audit gender" + f" --model {model}" * (model != "builtin")
    report.write(found, HERE / model, scored.modalities, command)
    for path in (HERE / model).iterdir():
        if path.suffix in (".svg", ".html", ".json"):  # the page and the rest are made again by the command
            path.unlink()
    print(to_text(found))
card.add(found, scored, command)
