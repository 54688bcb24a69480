"""What a place forbids is taken out of a finished figure: coloured text, transparency, colours."""

from collections.abc import Callable

from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text

from helpers.figures.colour import grey_of
from helpers.figures.profiles import Profile
from helpers.figures.style import INK


def follow_policy(figure: Figure, profile: Profile) -> None:
    """Change a figure's colours to what its place accepts.

    Parameters
    ----------
    figure : Figure
        Changed in place.
    profile : Profile
        Text becomes black where coloured text is not accepted; translucent areas become opaque ones of the colour
        that they show on white; colours become greys of the same luminance.
    """
    if not profile.coloured_text:
        for text in figure.findobj(Text):
            text.set_color(INK)
    changes = [
        change
        for change, is_wanted in ((flatten, not profile.transparency), (as_grey, not profile.colours))
        if is_wanted
    ]
    for change in changes:
        for artist in figure.findobj():
            _recolour(artist, change)


def flatten(colour: tuple[float, ...]) -> tuple[float, ...]:
    """Give the opaque colour that a translucent one shows on white.

    Examples
    --------
    >>> flatten((0.0, 0.0, 0.0, 0.5))
    (0.5, 0.5, 0.5, 1.0)
    """
    red, green, blue, alpha = to_rgba(colour)
    if alpha == 0:
        return (red, green, blue, alpha)
    return (*(1 - alpha * (1 - part) for part in (red, green, blue)), 1.0)


def as_grey(colour: tuple[float, ...]) -> tuple[float, ...]:
    """Give the grey of the same luminance (Rec. 709, on linear light).

    Examples
    --------
    >>> from matplotlib.colors import to_hex
    >>> to_hex(as_grey(to_rgba("#D9622B")))
    '#868686'
    """
    red, green, blue, alpha = to_rgba(colour)
    return (*grey_of((red, green, blue)), alpha)


def _recolour(artist: Artist, change: Callable[[tuple[float, ...]], tuple[float, ...]]) -> None:
    """Change every colour of an artist; its own opacity is part of the colours from then on."""
    alpha = artist.get_alpha()
    if isinstance(artist, Collection) and artist.get_array() is None:
        faces, edges = artist.get_facecolor(), artist.get_edgecolor()
        artist.set_alpha(None)
        artist.set_facecolor([change(tuple(face)) for face in faces])
        artist.set_edgecolor([change(tuple(edge)) for edge in edges])
    elif isinstance(artist, Line2D):
        names = ("color", "markerfacecolor", "markeredgecolor")
        colours = {name: change(to_rgba(getattr(artist, f"get_{name}")(), alpha)) for name in names}
        artist.set(alpha=None, **colours)
    elif isinstance(artist, Patch):
        colours = {"facecolor": change(artist.get_facecolor()), "edgecolor": change(artist.get_edgecolor())}
        artist.set(alpha=None, **colours)
    elif isinstance(artist, Text):
        colour = change(to_rgba(artist.get_color(), alpha))
        artist.set(alpha=None, color=colour)
        if isinstance(artist, Annotation) and artist.arrow_patch is not None:
            _recolour(artist.arrow_patch, change)
