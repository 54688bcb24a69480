"""Two pictures of one figure: how much of it moved, and where."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.image import imread, imsave

from helpers.data.files import shown
from helpers.errors import InputError

VISIBLE = 8 / 255  # a step of colour that counts as another colour
FADED, MARK = 0.35, (0.78, 0.0, 0.1)


@dataclass(frozen=True)
class PictureDifference:
    """How two pictures differ: the `share` of pixels that do (0 to 1; 1 if the sizes do), and a `picture` of where.

    The picture (PNG) is the second one, faded, with the pixels that moved in red; empty if nothing moved or the
    sizes differ.
    """

    share: float
    picture: bytes


def compare_pictures(first: Path, second: Path) -> PictureDifference:
    """Compare two PNG files pixel by pixel.

    Raises
    ------
    InputError
        If one cannot be read as a picture.
    """
    before, after = (_read(path) for path in (first, second))
    if before.shape != after.shape:
        return PictureDifference(1.0, b"")
    moved = np.abs(before - after).max(axis=-1) > VISIBLE
    if not moved.any():
        return PictureDifference(0.0, b"")
    drawn = 1 - FADED * (1 - after.mean(axis=-1, keepdims=True).repeat(3, axis=-1))
    drawn[moved] = MARK
    buffer = io.BytesIO()
    imsave(buffer, drawn, format="png", metadata={"Software": None})
    return PictureDifference(float(moved.mean()), buffer.getvalue())


def _read(path: Path) -> np.ndarray:
    try:
        picture = imread(path, format="png")
    except (OSError, ValueError, SyntaxError) as error:
        raise InputError(
            f"{shown(path)} is no PNG picture: {error}. Draw it again with `crossover run --only 07`."
        ) from None
    if picture.ndim == 2:
        picture = picture[..., None].repeat(3, axis=-1)
    return picture[..., :3]
