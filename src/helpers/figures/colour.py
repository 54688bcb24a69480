"""How far apart two colours are: in print, in grey, and for eyes that see fewer colours."""

import numpy as np

# What is left of a colour (linear RGB) under the three dichromacies: Machado, Oliveira and Fernandes (2009), A
# Physiologically-based Model for Simulation of Color Vision Deficiency, severity 1.0.
DEFICIENCIES = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])
Colour = tuple[float, float, float]  # sRGB, each part from 0 to 1


def linear(colour: Colour) -> np.ndarray:
    """Undo the gamma of sRGB (IEC 61966-2-1)."""
    parts = np.asarray(colour, dtype=float)
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 for black to 1 for white (WCAG 2.2)."""
    return float(TO_XYZ[1] @ linear(colour))


def grey_of(colour: Colour) -> Colour:
    """Find the grey of the same luminance."""
    light = luminance(colour)
    part = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return (part, part, part)


def contrast(one: Colour, two: Colour) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, success criterion 1.4.3).

    Examples
    --------
    >>> round(contrast((0, 0, 0), (1, 1, 1)), 1)
    21.0
    """
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def cielab(light: np.ndarray) -> np.ndarray:
    """Turn linear RGB into CIELAB under D65."""
    xyz = TO_XYZ @ np.clip(light, 0, 1) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def lightness(colour: Colour) -> float:
    """Lightness L* of CIELAB, 0 to 100: what a colour is in grey print."""
    return float(cielab(linear(colour))[0])


def distance(one: Colour, two: Colour, *, deficiency: str = "normal") -> float:
    """Colour difference (CIE 1976) as eyes with a deficiency see it; about 2.3 can just be told apart.

    Examples
    --------
    >>> round(distance((1, 0, 0), (0, 0.6, 0), deficiency="normal")) > 100
    True
    """
    seen = DEFICIENCIES[deficiency]
    return float(np.linalg.norm(cielab(seen @ linear(one)) - cielab(seen @ linear(two))))


def closest(one: Colour, two: Colour) -> tuple[float, str]:
    """Find under which vision two colours are hardest to tell apart, and how far apart they are there."""
    return min((distance(one, two, deficiency=name), name) for name in DEFICIENCIES)
