"""Profiles, languages and fonts: what can be asked for, and what is refused."""

import re
import string
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from helpers.errors import InputError
from helpers.figures.colour import closest, contrast, distance, lightness
from helpers.figures.editions import PROFILES, choose_edition
from helpers.figures.export import as_grey, flatten, follow_policy
from helpers.figures.fonts import FOLDER, as_css, glyphs, register, require_glyphs
from helpers.figures.frame import Canvas, Caption
from helpers.figures.style import house_style
from helpers.figures.words import speak

LATIN, CHINESE = (frozenset(glyphs(FOLDER / f"{name}-Regular.ttf")) for name in ("Arimo", "NotoSansSC"))


def messages(language: str) -> dict[str, str]:
    return speak(language).messages


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_the_publishers_numbers_are_the_profiles() -> None:
    nature, plos = PROFILES["nature-1col"], PROFILES["plos"]
    assert (nature.width_mm, PROFILES["nature-2col"].width_mm, nature.max_height_mm) == (89, 183, 170)
    assert (nature.text_pt, nature.coloured_text, nature.grid_lines) == ((5, 7), False, False)
    assert 66.8 <= plos.width_mm <= 190.5
    assert (plos.max_height_mm, plos.text_pt, plos.transparency) == (222.3, (8, 12), False)
    assert (plos.least_dpi, plos.most_dpi, plos.formats[0], plos.megabytes) == (300, 600, "tiff", 10)


def test_both_languages_have_the_same_messages_with_the_same_fields() -> None:
    english, chinese = messages("en"), messages("zh")
    data = re.compile(r"claims_verdicts\.quantity\.")  # words of the data, which are English already
    own = [{key for key in table if not data.match(key)} for table in (chinese, english)]
    assert own[0] == own[1]
    # A source line needs the citation in English and its day in Chinese.
    differ = [key for key in own[1] if fields(english[key]) != fields(chinese[key]) and key != "common.source"]
    assert differ == []


@pytest.mark.parametrize(("language", "known"), [("en", LATIN), ("zh", LATIN | CHINESE)])
def test_every_message_can_be_printed_with_the_shipped_fonts(language: str, known: frozenset) -> None:
    assert {c for text in messages(language).values() for c in text if ord(c) not in known and c != "\n"} == set()


def test_every_published_claim_is_translated() -> None:
    root = Path(__file__).resolve().parents[2]
    quantities = pd.read_csv(root / "data" / "raw" / "published_claims.csv")["quantity"].unique()
    table = messages("zh")
    assert [name for name in quantities if f"claims_verdicts.quantity.{name}" not in table] == []


def test_dates_follow_the_language() -> None:
    day = pd.Timestamp("2026-02-09")
    english, chinese = speak("en"), speak("zh")
    assert [english.day(day), english.short_day(day), english.brief_day(day)] == ["9 Feb 2026", "9 Feb", "9 Feb 26"]
    assert [chinese.day(day), chinese.short_day(day), chinese.brief_day(day)] == ["2026年2月9日", "2月9日", "26/2/9"]
    assert [english.date(day), chinese.date(day)] == ["2026-02-09", "2026年2月9日"]
    assert [english.month(day), chinese.month(day), chinese.month(day, year=True)] == ["Feb", "2月", "26/2"]


def test_an_unknown_profile_or_language_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"Unknown profile 'nature-1cal'\. Did you mean 'nature-1col'\?"):
        choose_edition("nature-1cal")
    with pytest.raises(InputError, match=r"Unknown language 'eng'\. Did you mean 'en'\?"):
        choose_edition(language="eng")


@pytest.mark.parametrize(("profile", "width", "limits"), [("house", 20, "85 to 260"), ("plos", 400, "105 to 322")])
def test_a_width_in_which_nothing_fits_is_refused(profile: str, width: float, limits: str) -> None:
    with pytest.raises(InputError, match=rf"{width} mm does not suit the profile {profile}.*need {limits} mm"):
        choose_edition(profile, width_mm=width)


@pytest.mark.parametrize("content", [None, b"no font"])
def test_a_font_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "letters.ttf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"letters\.ttf cannot be read.*nothing was drawn"):
        register(file)


def test_a_font_of_the_users_own_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "own.ttf"
    file.write_bytes(Path(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf").read_bytes())
    edition = choose_edition(font=file)
    assert edition.fonts == ["DejaVu Sans", "Arimo"]
    with house_style(edition):
        assert mpl.rcParams["font.family"] == ["DejaVu Sans", "Arimo"]


def test_a_character_without_glyph_is_named() -> None:
    require_glyphs(["中国 China"], language="zh")
    with pytest.raises(InputError, match=r"glyph for '中国' in the label '中国 China'"):
        require_glyphs(["中国 China"], language="en")


def test_the_fonts_in_a_web_file_hold_what_is_written_and_no_more() -> None:
    assert as_css(["Ab"], language="en") == as_css(["bA", "A"], language="en")
    short, long = (len(as_css([text], language="zh")) for text in ("中", "中国模型处理的词元"))
    assert 500 < short < long < 40_000


def test_chinese_text_breaks_between_characters_and_never_before_punctuation() -> None:
    words = speak("zh")
    caption = Caption("题", "词元" * 60 + "\uff0c" + "模型\uff08" + "周" * 50 + "\uff09。", "注", "度")
    with house_style(choose_edition(language="zh")):
        canvas = Canvas(choose_edition(language="zh"), height_mm=100, caption=caption, source=words.language)
        lines = canvas.wrap(caption.subtitle, size=7.5)
    assert "".join(lines) == caption.subtitle
    assert len(lines) == 3
    assert not [line for line in lines if line[0] in "\uff0c。\uff09" or line[-1] == "\uff08"]


def test_a_latin_name_is_not_broken_in_chinese_text() -> None:
    edition = choose_edition(language="zh")
    with house_style(edition):
        canvas = Canvas(edition, height_mm=100, caption=Caption("题", "测", "注", "度"), source="来源")
        lines = canvas.wrap("数据来源\uff1a" * 12 + "OpenRouter\uff08openrouter.ai/rankings\uff09\uff0c截至", size=7.5)
    assert any("\uff08openrouter.ai/rankings\uff09\uff0c" in line for line in lines)


def picture() -> Figure:
    figure = Figure()
    axis = figure.add_subplot()
    axis.plot([0, 1], [0, 1], color="#D9622B", alpha=0.5)
    axis.fill_between([0, 1], 0, 1, facecolor="#16365C", alpha=0.2)
    axis.annotate("here", (0, 0), (1, 1), color="#A94C21", arrowprops={"arrowstyle": "-", "color": "#A94C21"})
    return figure


def colours(figure: Figure) -> list[tuple]:
    axis = figure.axes[0]
    note = axis.texts[0]
    band, line = axis.collections[0], axis.lines[0]
    found = [band.get_facecolor()[0], to_rgba(line.get_color(), line.get_alpha()), note.arrow_patch.get_edgecolor()]
    return [tuple(map(float, colour)) for colour in (*found, to_rgba(note.get_color()))]


def test_a_place_without_transparency_gets_the_colours_that_were_seen() -> None:
    figure = picture()
    follow_policy(figure, PROFILES["plos"])
    assert [colour[3] for colour in colours(figure)] == [1, 1, 1, 1]
    assert colours(figure)[1][:3] == pytest.approx([1 - 0.5 * (1 - part) for part in to_rgba("#D9622B")[:3]])


def test_a_place_without_colours_gets_greys_of_the_same_lightness() -> None:
    figure = picture()
    follow_policy(figure, replace(PROFILES["bw"], coloured_text=True))
    assert all(max(colour[:3]) - min(colour[:3]) < 1e-9 for colour in colours(figure))
    assert lightness(as_grey(to_rgba("#D9622B"))[:3]) == pytest.approx(lightness(to_rgba("#D9622B")[:3]), abs=0.2)


def test_a_place_without_coloured_text_gets_black_words_and_coloured_lines() -> None:
    figure = picture()
    follow_policy(figure, PROFILES["nature-1col"])
    assert colours(figure)[3] == to_rgba("#1A1A1A")
    assert colours(figure)[2] == to_rgba("#A94C21")


def test_flattening_leaves_what_is_invisible_invisible() -> None:
    assert flatten((0.1, 0.2, 0.3, 0.0)) == (0.1, 0.2, 0.3, 0.0)


def test_colour_distances_are_the_published_ones() -> None:
    # CIE 1976 of sRGB red and green: Lab (53.24, 80.09, 67.20) and (87.73, -86.18, 83.18).
    assert distance((1, 0, 0), (0, 1, 0)) == pytest.approx(np.hypot.reduce([34.49, 166.27, 15.98]), abs=0.3)
    assert lightness((0.5, 0.5, 0.5)) == pytest.approx(53.39, abs=0.01)
    assert contrast((1, 1, 1), (0.46, 0.46, 0.46)) == pytest.approx(4.59, abs=0.05)


def test_red_and_green_are_closest_to_eyes_without_one_of_them() -> None:
    apart, vision = closest((0.8, 0.2, 0.2), (0.45, 0.45, 0.1))
    assert vision in ("protan", "deutan")
    assert apart < distance((0.8, 0.2, 0.2), (0.45, 0.45, 0.1)) / 2
