import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossover.runner.staging import Working, recover, require_writable, staged
from helpers.errors import InputError

FILES = st.dictionaries(st.sampled_from("abcde"), st.binary(max_size=4))


class BlockError(Exception):
    """What goes wrong in a block."""


def content(folder: Path) -> dict[str, str]:
    """Every file and folder below, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_text() if path.is_file() else "(folder)"
        for path in folder.rglob("*")
    }


@given(FILES, FILES, st.booleans())
def test_all_files_are_published_or_none(before, after, fails) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, held in before.items():
            (folder / name).write_bytes(held)
        try:
            with staged([folder]) as working:
                assert {path.name: path.read_bytes() for path in working.copies[folder].iterdir()} == before
                for name, held in after.items():
                    (working.copies[folder] / name).write_bytes(held)
                if fails:
                    raise BlockError
        except BlockError:
            pass
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == (before if fails else before | after)


def test_nothing_is_to_be_seen_before_the_block_ends(tmp_path) -> None:
    (tmp_path / "a").write_text("old")
    with staged([tmp_path]) as working:
        (working.copies[tmp_path] / "a").write_text("new")
        (working.copies[tmp_path] / "b").write_text("new")
        assert (tmp_path / "a").read_text() == "old"
        assert not (tmp_path / "b").exists()
    assert content(tmp_path) == {"a": "new", "b": "new"}


def test_files_that_did_not_change_are_not_touched(tmp_path) -> None:
    for name in "ab":
        (tmp_path / name).write_text("old")
        os.utime(tmp_path / name, (1, 1))
    with staged([tmp_path]) as working:
        (working.copies[tmp_path] / "a").write_text("old")  # written again, with the same content
        (working.copies[tmp_path] / "b").write_text("new")
    assert (tmp_path / "a").stat().st_mtime == 1
    assert (tmp_path / "b").stat().st_mtime > 1


def test_a_change_that_size_and_time_do_not_show_is_published(tmp_path) -> None:
    (tmp_path / "a").write_text("old")
    with staged([tmp_path]) as working:
        (working.copies[tmp_path] / "a").write_text("new")
        before = (tmp_path / "a").stat()
        os.utime(working.copies[tmp_path] / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert content(tmp_path) == {"a": "new"}


def test_folders_that_do_not_exist_are_made(tmp_path) -> None:
    folder = tmp_path / "deep" / "down"
    with staged([folder]) as working:
        (working.copies[folder] / "a").write_text("new")
    assert content(tmp_path) == {"deep": "(folder)", "deep/down": "(folder)", "deep/down/a": "new"}


def test_folders_made_for_a_block_that_fails_are_removed(tmp_path) -> None:
    with pytest.raises(BlockError), staged([tmp_path / "deep" / "down"]):
        raise BlockError
    assert content(tmp_path) == {}


def test_subfolders_are_published_and_those_there_stay(tmp_path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a").write_text("old")
    with staged([tmp_path]) as working:
        assert content(working.copies[tmp_path]) == {}
        (working.copies[tmp_path] / "new").mkdir()
        (working.copies[tmp_path] / "new" / "b").write_text("new")
    assert content(tmp_path) == {"old": "(folder)", "old/a": "old", "new": "(folder)", "new/b": "new"}


def test_one_folder_named_twice_is_one(tmp_path) -> None:
    with staged([tmp_path, tmp_path]) as working:
        (working.copies[tmp_path] / "a").write_text("new")
    assert content(tmp_path) == {"a": "new"}


def two_folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders that hold a file each."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        (folder / "a").write_text("old")
    return first, second


def write_everywhere(working: Working) -> None:
    for copy in working.copies.values():
        (copy / "a").write_text("new")
        (copy / "b").write_text("new")
        (copy / "deep" / "down").mkdir(parents=True)
        (copy / "deep" / "down" / "c").write_text("new")
        (copy / "x").write_text("new")


def put_folder_in_the_way(folder: Path) -> None:
    (folder / "x").mkdir()


def put_file_in_the_way(folder: Path) -> None:
    (folder / "deep").write_text("a file where a folder must be")


@pytest.mark.parametrize("obstacle", [put_folder_in_the_way, put_file_in_the_way])
@pytest.mark.parametrize("links", ["hard links", "no hard links"])
def test_publishing_that_fails_in_the_middle_leaves_everything_as_it_was(tmp_path, monkeypatch, obstacle, links):
    if links == "no hard links":
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    first, second = two_folders(tmp_path)
    with (
        pytest.raises(InputError, match=r"Cannot write to .*second: (Is a|Not a) directory .*were left as they"),
        staged([first, second]) as working,
    ):
        write_everywhere(working)
        obstacle(second)
        before = {name: held for name, held in content(tmp_path).items() if "/.run-" not in name}
    assert content(tmp_path) == before


def refuse(*_: object) -> None:
    raise PermissionError("no hard links here")


def test_a_file_system_without_hard_links_does(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    (tmp_path / "a").write_text("old")
    with staged([tmp_path]) as working:
        (working.copies[tmp_path] / "a").write_text("new")
    assert content(tmp_path) == {"a": "new"}


@pytest.fixture
def earlier(tmp_path) -> list[Path]:
    """What a step wrote before and does not write any more, in `two_folders`."""
    return [tmp_path / "first" / "gone", tmp_path / "second" / "sub" / "deep" / "gone"]


def test_what_a_step_no_longer_writes_is_removed_when_it_publishes(tmp_path, earlier) -> None:
    first, second = two_folders(tmp_path)
    (second / "sub" / "deep").mkdir(parents=True)
    for file in (*earlier, second / "another's", tmp_path / "elsewhere"):
        file.write_text("old")
    known = [*earlier, first / "a", first / "b", first / "never there", tmp_path / "elsewhere"]
    with staged([first, second], earlier=known) as working:
        (working.copies[first] / "a").write_text("old")  # written anew, with the same content
        (working.copies[first] / "b").write_text("new")
        assert all(file.exists() for file in earlier)
    left = {name: held for name, held in content(tmp_path).items() if held != "(folder)"}
    kept = {"first/a": "old", "second/a": "old", "second/another's": "old", "elsewhere": "old"}
    assert left == kept | {"first/b": "new"}
    assert not (second / "sub").exists()


def test_a_table_that_a_step_only_reads_now_is_no_output_of_it(tmp_path) -> None:
    (tmp_path / "a").write_text("old")
    with staged([tmp_path], earlier=[tmp_path / "a"]):
        pass
    assert content(tmp_path) == {}


def test_a_block_that_fails_removes_nothing(tmp_path, earlier) -> None:
    first, second = two_folders(tmp_path)
    earlier[0].write_text("old")
    before = content(tmp_path)
    with pytest.raises(InputError), staged([first, second], earlier=earlier) as working:
        (working.copies[second] / "x").write_text("new")
        put_folder_in_the_way(second)
    (second / "x").rmdir()
    assert content(tmp_path) == before


@pytest.mark.parametrize("after", range(8))  # four files in each of two folders
def test_an_interrupted_publishing_leaves_everything_as_it_was(tmp_path, monkeypatch, after) -> None:
    first, second = two_folders(tmp_path)
    before = content(tmp_path)
    move, moved = Path.replace, []

    def interrupted(self: Path, target: Path) -> Path:
        moved.append(target)
        if len(moved) == after + 1:
            raise KeyboardInterrupt
        return move(self, target)

    with pytest.raises(KeyboardInterrupt), staged([first, second]) as working:
        write_everywhere(working)
        monkeypatch.setattr(Path, "replace", interrupted)
    assert len(moved) > after
    assert content(tmp_path) == before


def test_leftovers_of_dead_processes_are_removed_and_others_stay(tmp_path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = [ended.pid, os.getpid(), 10**30]  # the number of this process may have been another's before
    for name in [*dead, os.getppid(), "notes"]:
        (tmp_path / f".run-{name}").mkdir()
        (tmp_path / f".run-{name}" / "a").write_text("half")
    recover([tmp_path])
    assert {path.name for path in tmp_path.iterdir()} == {f".run-{os.getppid()}", ".run-notes"}


def test_a_file_in_place_of_the_folder_is_refused(tmp_path) -> None:
    (tmp_path / "tables").write_text("a file")
    with pytest.raises(InputError) as refused, staged([tmp_path / "figures", tmp_path / "tables"]):
        pass
    message = str(refused.value)
    assert f"Cannot write to {tmp_path}/tables: File exists ({tmp_path}/tables). Make it a folder" in message
    assert "name another one with -p processed_folder or -p figures_folder" in message
    assert content(tmp_path) == {"tables": "a file"}


def test_a_full_disk_is_refused_and_nothing_is_left(tmp_path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "large").write_text("x" * 5000)
    before = content(tmp_path)
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom crossover.runner.staging import staged\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "with staged([Path('first'), Path('second')]):\n    print('never printed')"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert "InputError: Cannot write to second: File too large" in done.stderr
    assert content(tmp_path) == before


def test_an_error_of_the_block_stays_what_it_is(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"), staged([tmp_path]):
        raise FileNotFoundError("gone")


KILLED = """
import os, signal, sys
from pathlib import Path
from crossover.runner.staging import staged

folder, after = Path(sys.argv[1]), int(sys.argv[2])
move, moved = Path.replace, []

def replace(self, target):
    if len(moved) == after:
        os.kill(os.getpid(), signal.SIGKILL)
    moved.append(target)
    return move(self, target)

with staged([folder], label="03") as working:
    for name in ("a", "b", "new", "deep/new"):
        (working.copies[folder] / name).parent.mkdir(exist_ok=True)
        (working.copies[folder] / name).write_text("new")
    Path.replace = replace
"""


@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("links", ["hard links", "no hard links"])
def test_a_publishing_that_was_killed_is_undone_by_the_next_run(tmp_path, after, links) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").write_text("old")
    before = content(tmp_path)
    forbid = "Path.hardlink_to = lambda *_: (_ for _ in ()).throw(OSError())\n" if links != "hard links" else ""
    script = KILLED.replace("with staged", f"{forbid}with staged")
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path), str(after)], check=False)
    assert done.returncode == -9
    assert content(tmp_path) != before
    recover([tmp_path])
    assert content(tmp_path) == before


def test_what_was_published_before_the_kill_stays(tmp_path) -> None:
    (tmp_path / "a").write_text("old")
    script = KILLED.replace("Path.replace = replace", "")
    script += "\n    import shutil\n    shutil.rmtree = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path), "0"], check=False).returncode == -9
    recover([tmp_path])
    assert content(tmp_path) == {"a": "new", "b": "new", "new": "new", "deep": "(folder)", "deep/new": "new"}


def test_only_what_is_needed_lies_in_the_copy_and_what_is_written_is_known(tmp_path) -> None:
    for name in ("ratios.csv", "growth.csv", ".hidden"):
        (tmp_path / name).write_text("old")
    with staged([tmp_path], label="04", needed={"ratios"}) as working:
        copy = working.copies[tmp_path]
        assert copy.name == f".run-{os.getpid()}-04"
        assert {path.name for path in copy.iterdir()} == {"ratios.csv"}
        assert working.written() == {}
        (copy / "concentration.csv").write_text("new")
        assert set(working.written()) == {tmp_path / "concentration.csv"}


def test_steps_side_by_side_do_not_see_each_other(tmp_path) -> None:
    with staged([tmp_path], label="04") as first, staged([tmp_path], label="05") as second:
        (first.copies[tmp_path] / "a").write_text("first")
        (second.copies[tmp_path] / "b").write_text("second")
        assert not (first.copies[tmp_path] / "b").exists()
    assert content(tmp_path) == {"a": "first", "b": "second"}


def test_a_folder_that_can_be_written_is_left_as_it_is(tmp_path) -> None:
    require_writable([tmp_path / "deep" / "down"])
    assert content(tmp_path) == {}


def test_a_folder_that_cannot_be_written_is_refused_before_anything_runs(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"Cannot write to .*file/figures: Not a directory"):
        require_writable([tmp_path / "file" / "figures"])


STOPPED = """
import os, signal, sys
from pathlib import Path
from crossover.runner import staging

links, known = sys.argv[1] == "links", sys.argv[2]
if not links:
    def refuse(*_):
        raise OSError
    Path.hardlink_to = refuse
base = Path("project").absolute()
first, second = base / "first", base / "second"
OLD = {"first/a": "old", "first/gone": "old", "second/a": "old", "second/sub/gone": "old"}
NEW = {f"{folder}/{name}": "new" for folder in ("first", "second") for name in ("a", "deep/c")}


def files():
    return {p.relative_to(base).as_posix(): p.read_text() for p in base.rglob("*") if p.is_file()}


def put(held):
    for name, text in held.items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(text)


def publish():
    with staging.staged([first, second], label="03", earlier=[first / "gone", second / "sub" / "gone"]) as working:
        for copy in working.copies.values():
            (copy / "deep").mkdir()
            for name in ("a", "deep/c"):
                (copy / name).write_text("new")


def killed_at(step, do):
    child = os.fork()
    if child == 0:
        left = [step]

        def trace(frame, event, _):
            if frame.f_code.co_filename != staging.__file__ and frame.f_code.co_name != "copyfile":
                return None
            left[0] -= event == "line"
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        try:
            sys.settrace(trace)
            do()
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), code
    return code != 0


step, seen = 0, []
while True:
    step += 1
    staging.shutil.rmtree(base, ignore_errors=True)
    put(OLD)
    if not killed_at(step, publish):
        assert files() == NEW, files()
        break
    killed_at(step % 97 + 1, lambda: staging.recover([first, second]))  # so may be the next run
    staging.recover([base / known])
    staging.recover([first, second])
    found = files()
    assert found in (OLD, NEW), (step, found)
    assert not list(base.rglob(".run-*")), step
    seen.append(found == NEW)
assert seen == sorted(seen)  # from one moment on it is committed
print(len(seen), seen.index(True))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("links", "known"), [("no links", "first"), ("links", "second")])
def test_killed_anywhere_all_folders_are_published_or_none(tmp_path, links, known) -> None:
    command = [sys.executable, "-c", STOPPED, links, known]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    tried, committed = map(int, done.stdout.split())
    assert 100 < committed < tried - 10
