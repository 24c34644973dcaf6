"""What the page for instructors takes from labs, and that its schedules can be kept."""

import re
from pathlib import Path

import pytest
import yaml
from teaching import TeachingError, read_lab, read_labs, read_objectives

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "chapters/instructors.md").read_text(encoding="utf-8")
MASTER = """\
# %% [markdown]
# # Lab 7: Count to ten
#
# **What you need.** Chapters 1 to 3, chapter 7
# and chapters 9 and 10.
# **Time.** 45 minutes. **Imports.** NumPy only.
#
# | question | what | points | graded |
# |:--|:--|--:|:--|
# | 1 | one | 3 | automatically |
# | 2 | two | 4 | automatically |
# | 3 | why | 5 | by a person, with a rubric |
# | | **total** | **12** | |
"""


def master(folder, text=MASTER):
    (folder / "7_ten").mkdir()
    (folder / "7_ten/master.py").write_text(text, encoding="utf-8")
    return folder / "7_ten/master.py"


def test_the_head_of_a_master_is_read(tmp_path):
    lab = read_lab(master(tmp_path))
    assert (lab.number, lab.title, lab.minutes) == (7, "Count to ten", 45)
    assert lab.need == "Chapters 1 to 3, chapter 7 and chapters 9 and 10."
    assert lab.chapters == {1, 2, 3, 7, 9, 10}
    assert lab.points == {"tests": 7, "person": 5}


@pytest.mark.parametrize("missing", ["# # Lab 7", "Time", "What you need", "automatically"])
def test_what_a_master_does_not_say_is_an_error(tmp_path, missing):
    lines = [line for line in MASTER.splitlines(keepends=True) if missing not in line]
    if missing == "automatically":
        lines = [line for line in lines if "rubric" not in line]
    with pytest.raises(TeachingError, match=r"master\.py names no"):
        read_lab(master(tmp_path, "".join(lines)))


def test_no_lab_at_all_is_an_error(tmp_path):
    with pytest.raises(TeachingError, match="no labs"):
        read_labs(tmp_path)


def test_a_chapter_without_objectives_is_an_error(tmp_path):
    (tmp_path / "01_x.md").write_text("# X\n")
    with pytest.raises(TeachingError, match="does not say"):
        read_objectives(tmp_path / "01_x.md")


def test_the_labs_are_as_long_as_a_lesson_and_their_points_add_up():
    labs = read_labs(ROOT / "labs")
    assert [lab.number for lab in labs] == [1, 2, 3, 4, 5]
    for lab, path in zip(labs, sorted((ROOT / "labs").glob("[0-9]_*/master.py")), strict=True):
        assert 45 <= lab.minutes <= 90
        text = path.read_text(encoding="utf-8")
        asked = re.findall(r"^# # BEGIN QUESTION\n((?:# .*\n)*)", text, re.MULTILINE)
        worth = [
            yaml.safe_load(re.sub("^# ", "", it, flags=re.MULTILINE))["points"] for it in asked
        ]
        total = int(re.search(r"\*\*total\*\* \| \*\*(\d+)\*\*", text)[1])
        assert sum(lab.points.values()) == sum(worth) == total


@pytest.mark.parametrize("schedule", ["Two weeks", "Four weeks"])
def test_no_schedule_asks_for_a_lab_before_its_chapters(schedule):
    labs = {str(lab.number): lab for lab in read_labs(ROOT / "labs")}
    text = PAGE.partition(f"### {schedule}\n")[2].partition("\n##")[0]
    read, handed_in = set(), []
    for row in re.findall(r"^\| \d.*$", text, re.MULTILINE):
        read |= {int(number) for number in re.findall(r"\[(\d+)\]\(", row)}
        for number in re.findall(r"\{lab\}`(\d)`", row):
            handed_in.append(number)
            assert labs[number].chapters <= read
    assert handed_in == sorted(labs)


def test_each_command_of_the_page_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z]+)", PAGE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
