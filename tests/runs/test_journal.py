"""The journal loses no line, mends a torn one, and sees every change made to it."""

import json
import multiprocessing
from pathlib import Path

import pytest

from helpers.runs import journal
from helpers.runs.journal import JournalError, Kept


def numbered(n: int, *, first: int = 0) -> list[dict]:
    return [{"type": "call", "number": number, "p": 0.1 + number / 3} for number in range(first, first + n)]


def appended(path: Path, records: list[dict]) -> Kept:
    """As runs do it: what is new is decided with the lines held in view."""
    return journal.append_new(path, lambda held: records)


@pytest.fixture
def path(tmp_path) -> Path:
    place = tmp_path / "journal.jsonl"
    appended(place, numbered(5))
    return place


def rows(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def put(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_what_is_appended_is_read_back_in_order_and_each_line_follows_the_one_before(path):
    appended(path, numbered(2, first=5))
    lines, notices = journal.read(path)
    assert [line["number"] for line in lines] == list(range(7))
    assert [line["p"] for line in lines] == [0.1 + number / 3 for number in range(7)]
    assert [line["prev"] for line in lines] == [journal.BEGINNING, *(line["hash"] for line in lines[:-1])]
    assert notices == []


def test_without_a_file_there_are_no_lines_and_none_is_made(tmp_path):
    assert journal.read(tmp_path / "journal.jsonl") == ([], [])
    assert list(tmp_path.iterdir()) == []


def test_appending_changes_no_byte_before(path):
    before = path.read_bytes()
    appended(path, numbered(1, first=5))
    assert path.read_bytes().startswith(before)


DAMAGE = {
    "a number": (lambda lines: [*lines[:2], lines[2].replace("0.76", "0.77"), *lines[3:]], 3, "was edited"),
    "the hash": (lambda lines: [*lines[:1], lines[1].replace('"hash":"', '"hash":"f'), *lines[2:]], 2, "was edited"),
    "text": (lambda lines: [*lines[:1], "hello", *lines[2:]], 2, "was edited"),
    "a line removed": (lambda lines: [*lines[:2], *lines[3:]], 3, "removed, added or moved"),
    "the first removed": (lambda lines: lines[1:], 1, "removed, added or moved"),
    "the last removed": (lambda lines: lines[:-1], 5, "is gone: 5 lines were written, 4 are left"),
    "a line twice": (lambda lines: [*lines[:3], lines[2], *lines[3:]], 4, "removed, added or moved"),
    "two swapped": (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2, "removed, added or moved"),
    "all removed": (lambda lines: [], 1, "is gone"),
    "a blank": (
        lambda lines: [*lines[:1], lines[1].replace('":', '": ', 1), *lines[2:]],
        2,
        "blanks, line ends or names",
    ),
    "a name twice": (
        lambda lines: [lines[0].replace("{", '{"number":7,', 1), *lines[1:]],
        1,
        "blanks, line ends or names",
    ),
    "an order": (lambda lines: [json.dumps(dict(reversed(json.loads(lines[0]).items()))), *lines[1:]], 1, "was edited"),
    "line ends": (lambda lines: [f"{line}\r" for line in lines], 1, "blanks, line ends or names"),
    "a mark at the start": (lambda lines: [f"\ufeff{lines[0]}", *lines[1:]], 1, "was edited"),
    "no number": (
        lambda lines: [*lines[:3], lines[3].replace('"number":3', '"number":NaN'), lines[4]],
        4,
        "was edited",
    ),
    "half a letter": (lambda lines: [lines[0].replace('"call"', '"\\ud800"'), *lines[1:]], 1, "was edited"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_every_change_is_seen_with_its_line_and_nothing_is_appended_to_it(path, what):
    damaged, number, said = DAMAGE[what]
    put(path, damaged(rows(path)))
    held = path.read_bytes()
    with pytest.raises(JournalError, match=said) as error:
        journal.read(path)
    assert error.value.line == number
    assert error.value.exit_code == 4
    assert "put back a copy" in str(error.value)
    with pytest.raises(JournalError):
        journal.append_new(path, lambda lines: numbered(1))
    assert path.read_bytes() == held


def test_a_line_written_anew_with_a_hash_of_its_own_breaks_the_next_one(path):
    lines = [json.loads(row) for row in rows(path)]
    forged = {name: value for name, value in lines[1].items() if name not in ("hash", "prev", "schema")}
    lines[1] = journal.chained({**forged, "p": 0.99}, lines[1]["prev"])
    put(path, [json.dumps(line, sort_keys=True, separators=(",", ":")) for line in lines])
    with pytest.raises(JournalError, match="line 3 does not follow"):
        journal.read(path)


def test_a_last_line_written_anew_is_seen_too(path):
    lines = [json.loads(row) for row in rows(path)]
    forged = {name: value for name, value in lines[-1].items() if name not in ("hash", "prev", "schema")}
    lines[-1] = journal.chained({**forged, "p": 0.99}, lines[-1]["prev"])
    put(path, [json.dumps(line, sort_keys=True, separators=(",", ":")) for line in lines])
    with pytest.raises(JournalError, match="line 5 is not the one that was written"):
        journal.read(path)


@pytest.mark.parametrize("kept", [1, 20, 100])
def test_a_torn_last_line_is_set_aside_with_a_warning_and_the_journal_goes_on(path, kept):
    *whole, last = rows(path)
    path.write_text("".join(f"{line}\n" for line in whole) + last[:kept], encoding="utf-8")
    added = appended(path, numbered(1, first=9))
    assert "line 5 was torn off" in added.notices[0]
    lines, notices = journal.read(path)
    assert [line["number"] for line in lines] == [0, 1, 2, 3, 9]
    assert notices == []
    assert (path.parent / "journal.jsonl.torn").read_text(encoding="utf-8") == last[:kept] + "\n"


def test_a_last_line_that_lacks_only_its_end_is_kept(path):
    path.write_bytes(path.read_bytes()[:-1])
    lines, notices = journal.read(path)
    assert len(lines) == 5 and "lacked its end" in notices[0]
    appended(path, numbered(1, first=5))
    assert len(journal.read(path)[0]) == 6


def test_a_write_cut_short_before_its_end_was_noted_is_mended(path):
    """As when a writer dies: more is in the file than it had noted."""
    line = journal.chained(numbered(1, first=5)[0], journal.read(path)[0][-1]["hash"])
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line)[:40])
    lines, notices = journal.read(path)
    assert len(lines) == 5 and len(notices) == 1
    assert journal.read(path) == (lines, [])


def test_a_journal_without_the_note_of_its_end_is_read_with_a_warning_until_it_is_written_to(path, tmp_path):
    copy = tmp_path / "elsewhere" / "journal.jsonl"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    lines, notices = journal.read(copy)
    assert lines == journal.read(path)[0]
    assert len(notices) == 1 and "cannot be vouched for" in notices[0]
    assert len(appended(copy, numbered(1, first=5)).notices) == 1
    assert journal.read(copy)[1] == []


def test_a_journal_that_is_gone_is_missed(path):
    path.unlink()
    for touched in (lambda: journal.read(path), lambda: appended(path, numbered(1))):
        with pytest.raises(JournalError, match="line 1 is gone: 5 lines were written, 0 are left"):
            touched()
    assert not path.exists()


def test_a_journal_moved_aside_with_the_note_of_its_end_makes_room_for_another(path):
    path.unlink()
    head_of(path).unlink()
    assert journal.read(path) == ([], [])
    assert len(appended(path, numbered(1)).lines) == 1


def head_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.head")


@pytest.mark.parametrize("head", ["{}", "[]", "", "hello", '{"lines": "5", "hash": "a"}', '{"lines": -1, "hash": "a"}'])
def test_a_note_of_the_end_that_is_not_one_is_said_with_a_remedy(path, head):
    head_of(path).write_text(head, encoding="utf-8")
    with pytest.raises(JournalError, match="put back a copy of it, or remove it"):
        journal.read(path)


def test_what_is_new_is_decided_while_nobody_else_writes(path):
    def new(held):
        return [item for item in numbered(8) if item["number"] not in {line["number"] for line in held}]

    assert [line["number"] for line in journal.append_new(path, new).lines] == [5, 6, 7]
    assert journal.append_new(path, new).lines == []


def write_many(path: str, worker: int, n: int) -> None:
    for number in range(n):

        def new(held: list[dict], number: int = number) -> list[dict]:
            assert sum(line["worker"] == worker for line in held) == number
            return [{"type": "call", "worker": worker, "number": number, "after": len(held)}]

        journal.append_new(Path(path), new)


@pytest.mark.slow
def test_a_thousand_appends_of_four_processes_lose_nothing(tmp_path):
    path = tmp_path / "journal.jsonl"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=write_many, args=(str(path), worker, 250)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    lines, notices = journal.read(path)
    assert notices == []
    for worker in range(4):
        assert [line["number"] for line in lines if line["worker"] == worker] == list(range(250))
    # each saw every line before its own
    assert [line["after"] for line in lines] == list(range(1000))
