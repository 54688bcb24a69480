"""Make the baseline pictures anew from finished figures: python tests/figures/baseline/make.py [FOLDER].

FOLDER holds the PNG files of the house profile (figures/ by default). Look at each before you commit it.
"""

import sys
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
WIDE = 600  # pixels: text can still be read, and the files stay small


def shrink(file: Path) -> Image.Image:
    with Image.open(file) as image:
        return image.convert("L").resize((WIDE, round(image.height * WIDE / image.width)), Image.Resampling.BOX)


if __name__ == "__main__":
    for file in sorted((Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[2] / "figures").glob("*.png")):
        shrink(file).save(HERE / file.name, optimize=True)
