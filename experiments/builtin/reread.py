"""A copy of a model that reads words in another way than it was trained with: what a reading does in use alone.

python experiments/builtin/reread.py --model builtin --reading normalised --out RUN
"""

import argparse
from pathlib import Path

from feelscope.encoders.tokenizer import READINGS
from feelscope.files import digest, write_json
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.locate import locate


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--model", default="builtin")
    arguments.add_argument("--reading", choices=READINGS, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()

    def change(folder: Path) -> None:
        labels = model_folder.read_object(folder, "labels.json")
        write_json(folder / "labels.json", {**labels, "reading": options.reading})
        manifest = model_folder.read_object(folder, "manifest.json")
        write_json(folder / "manifest.json", {**manifest, "labels.json": digest(folder / "labels.json")})

    model_folder.copy(locate(options.model), options.out, change)


if __name__ == "__main__":
    main()
