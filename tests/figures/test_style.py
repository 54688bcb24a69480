import itertools

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties, findfont

from helpers.figures.fonts import FOLDER
from helpers.figures.style import ORIGIN_LOOKS, house_style, inches

# Machado, Oliveira and Fernandes (2009), severity 1.0: what is left of a colour, in linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
PAIRS = list(itertools.combinations(ORIGIN_LOOKS, 2))


def linear(colour: str) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def cielab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ rgb.clip(0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize(("one", "two"), PAIRS)
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_origins_stay_apart_under_colour_vision_deficiencies(one: str, two: str, deficiency: str) -> None:
    left, right = (
        cielab(np.array(DEFICIENCIES[deficiency]) @ linear(ORIGIN_LOOKS[origin].colour)) for origin in (one, two)
    )
    assert np.linalg.norm(left - right) > 12  # five times what a trained eye can just tell apart


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_origins_stay_apart_in_grey(one: str, two: str) -> None:
    left, right = (cielab(linear(ORIGIN_LOOKS[origin].colour))[0] for origin in (one, two))
    assert abs(left - right) > 10


def test_origins_differ_by_line_as_well() -> None:
    assert len({str(look.line) for look in ORIGIN_LOOKS.values()}) == len(ORIGIN_LOOKS)


def test_the_font_is_the_one_that_is_shipped() -> None:
    with house_style():
        found = findfont(FontProperties(family=["sans-serif"]), fallback_to_default=False)
    assert found == str(FOLDER / "Arimo-Regular.ttf")


def test_settings_end_with_the_block() -> None:
    before = dict(mpl.rcParams)
    with house_style():
        assert mpl.rcParams["svg.fonttype"] == "none"
    assert dict(mpl.rcParams) == before


def test_two_columns_are_183_millimetres() -> None:
    assert inches(183) == pytest.approx(7.2047, abs=1e-4)
