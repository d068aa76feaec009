"""A copy of a model that is used otherwise than it was trained: another reading, other warnings, pictures left out.

python experiments/builtin/reread.py --model builtin --reading normalised --out RUN
python experiments/builtin/reread.py --model RUN --languages en --warns-of blank noise --skip-pictures 0.8 --out OTHER
"""

import argparse
from pathlib import Path

from feelscope.encoders.tokenizer import READINGS
from feelscope.files import digest, write_json
from feelscope.images.unlike_photos import KINDS
from feelscope.saved_model import folder as model_folder
from feelscope.saved_model.locate import locate
from feelscope.text.other_language import NAMES


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--model", default="builtin")
    arguments.add_argument("--reading", choices=READINGS)
    arguments.add_argument("--languages", nargs="*", choices=NAMES)
    arguments.add_argument("--warns-of", nargs="*", choices=KINDS)
    arguments.add_argument("--skip-pictures", type=float)
    arguments.add_argument("--unframe", action="store_true", default=None)
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()

    def change(folder: Path) -> None:
        labels = model_folder.read_object(folder, "labels.json")
        new = {name: vars(options)[name] for name in ("reading", "languages", "warns_of", "skip_pictures", "unframe")}
        labels |= {name: value for name, value in new.items() if value is not None}
        write_json(folder / "labels.json", labels)
        manifest = model_folder.read_object(folder, "manifest.json")
        write_json(folder / "manifest.json", {**manifest, "labels.json": digest(folder / "labels.json")})

    model_folder.copy(locate(options.model), options.out, change)


if __name__ == "__main__":
    main()
