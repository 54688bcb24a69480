import io

import pytest

from crossover.runner.progress import Lines, Live, Silent, choose_display


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError("no terminal really")


def play(display: Silent) -> None:
    display.begin(["01-clean", "02-tag", "03-find"])
    display.end("01-clean", "fresh", 0.0)
    display.start("02-tag")
    display.cell("02-tag", number=3, of=9, heading="Tag each day")
    display.tick()
    display.end("02-tag", "ok", 1.26)
    display.start("03-find")
    display.end("03-find", "error", 0.5)
    display.close()


def test_elsewhere_than_on_a_terminal_each_event_is_one_line() -> None:
    stream = io.StringIO()
    play(Lines(stream))
    assert [line.split() for line in stream.getvalue().splitlines()] == [
        ["01-clean", "fresh"],
        ["02-tag", "started"],
        ["02-tag", "1.3", "s"],
        ["03-find", "started"],
        ["03-find", "0.5", "s", "error"],
    ]


def seen(text: str) -> list[str]:
    """Play a terminal: go up and erase, as the two codes ask; leave out colours."""
    lines: list[str] = []
    for part in text.replace("\x1b[J", "").split("\n"):
        while part.startswith("\x1b["):
            code, end = part[2:].split("F", 1)[0], part.find("F")
            if not code.isdecimal():
                break
            del lines[len(lines) - int(code) :]
            part = part[end + 1 :]
        lines.append(part)
    return lines[:-1]


def test_on_a_terminal_what_has_ended_stays_and_nothing_else() -> None:
    stream = Terminal()
    play(Live(stream, colour=False, columns=80))
    assert [line.split() for line in seen(stream.getvalue())] == [
        ["01-clean", "fresh"],
        ["02-tag", "1.3", "s"],
        ["03-find", "0.5", "s", "error"],
    ]


def test_on_a_terminal_the_cell_and_what_is_next_are_shown() -> None:
    stream = Terminal()
    display = Live(stream, colour=False, columns=60)
    display.begin(["02-tag", "03-find"])
    display.start("02-tag")
    display.cell("02-tag", number=3, of=9, heading="Tag each day " * 9)
    display.tick()
    running, following = seen(stream.getvalue())
    assert "cell 3 of 9: Tag each day" in running
    assert len(running) < 60
    assert "next: 03-find" in following


@pytest.mark.parametrize(("colour", "codes"), [(True, True), (False, False)])
def test_colours_are_there_only_if_they_are_wanted(colour, codes) -> None:
    stream = Terminal()
    play(Live(stream, colour=colour, columns=80))
    assert ("\x1b[32m" in stream.getvalue()) is codes
    assert ("\x1b[31m" in stream.getvalue()) is codes


@pytest.mark.parametrize(
    ("stream", "options", "kind"),
    [
        (io.StringIO(), {}, Lines),
        (Terminal(), {}, Live),
        (Terminal(), {"environment": {"CI": "true"}}, Lines),
        (Terminal(), {"environment": {"TERM": "dumb"}}, Lines),
        (Terminal(), {"quiet": True}, Silent),
    ],
)
def test_the_display_follows_the_stream_and_the_environment(stream, options, kind) -> None:
    assert type(choose_display(**{"quiet": False, "stream": stream, "environment": {}, **options})) is kind
