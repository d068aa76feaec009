"""Let the built-in answer model draw: put an autoencoder's decoder, and the fit to its codes, into the folder.

python experiments/drawn_answers/build.py AUTOENCODER
"""

import sys
from pathlib import Path

from feelscope.emoji.answer.fit_drawing import add_drawing, open_autoencoder
from feelscope.emoji.answer.folder import FOLDER

add_drawing(FOLDER, open_autoencoder(Path(sys.argv[1])))
print({path.name: path.stat().st_size for path in FOLDER.iterdir()})
