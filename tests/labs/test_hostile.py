"""Submissions that attack. None gains a point or stops the run; each gets a line."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from labs.bubblewrap import WORK, Cage
from labs.guard import Limits
from labs.pool import run
from labs.sandbox import Sandbox, python

REFERENCE = "import numpy as np\ndef double(x):\n    return 2 * np.asarray(x)\nanswer = 42.0"
ATTACKS = {
    attack["name"]: attack
    for attack in yaml.safe_load((Path(__file__).parent / "hostile.yaml").read_text("utf-8"))
}


def processes_with(marker):
    """The processes on this machine whose command line has the marker."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


@pytest.fixture
def attack(graded):
    """Judge an attack, and see that nothing of it is alive afterwards."""
    marker = 17_000_000 + os.getpid()  # a limit that no other process has
    limits = Limits(seconds=1.5, memory=400 * 10**6, file_size=marker)

    def judge(*cells):
        answer = graded(*cells, limits=limits)
        until = time.monotonic() + 3
        while (alive := processes_with(str(marker).encode())) and time.monotonic() < until:
            time.sleep(0.02)
        assert alive == []
        return answer

    return judge


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gains_nothing_and_gets_a_line(attack, name):
    result, told = attack(*ATTACKS[name]["code"].split("# %%\n"))
    assert result.points == 0
    assert ATTACKS[name]["says"] in told
    assert "\x1b" not in told


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("x" * 900_000, "NameError"),
        ("(" * 100_000 + ")" * 100_000, "Cell 1"),
        ("x = " + "[" * 5000 + "]" * 5000, "Cell 1"),
        ("x = 1\n" * 200_000, "more than 1 million characters of code"),
    ],
)
def test_code_that_is_hard_to_read_gains_nothing(attack, code, says):
    result, told = attack(code)
    assert result.points == 0
    assert says in told


def test_what_answers_well_and_attacks_too_gets_no_more_than_its_answers(attack):
    slow = "import threading, time\nthreading.Thread(target=time.sleep, args=(1e6,)).start()"
    result, _ = attack("1 / 0", REFERENCE, slow, "while True: pass")
    assert result.points == 5
    noisy = "def double(x):\n    for i in range(99): print('x' * 10**6)\n    return 2 * x"
    result, told = attack("answer = 42.0", noisy)
    assert result.points == 2
    assert "double(...) printed more than 10 MB. Multiply by two." in told


def test_many_steps_do_not_add_up_to_more_than_the_total(graded):
    burn = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
    result, told = graded(*[burn] * 30, limits=Limits(seconds=0.6))
    assert result.points == 0
    assert "because it took more than 3.6 s of processor time in all." in told


def test_there_is_an_end_by_the_clock(graded):
    """Neither many short sleeps, nor processor time that the kernel forgets, go on for ever."""
    limits = Limits(seconds=1.5, whole=2)
    start = time.monotonic()
    result, told = graded(*["import time\ntime.sleep(0.9)"] * 25, limits=limits)
    assert result.points == 0
    assert "because it did not finish in 0.05 minutes." in told
    assert time.monotonic() - start < 8
    burn = (
        "import os, signal, time\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "while True:\n    if os.fork() == 0:\n        end = time.process_time() + 0.1\n"
        "        while time.process_time() < end: pass\n        os._exit(0)\n"
        "    try: os.wait()\n    except ChildProcessError: pass\n"
    )
    _, told = graded(burn, limits=limits)
    assert "because it did not finish in 0.05 minutes." in told


def test_a_thread_that_goes_on_outside_of_a_step_ends_at_the_deadline():
    cage = Cage(limits=Limits(seconds=1, whole=0.8))
    with Sandbox(cage, deadline=time.monotonic() + 0.8) as sandbox:
        sandbox.guard.join(5)
        assert sandbox.guard.reason == "did not finish in 0.0133333 minutes"


def test_an_answer_that_broadcasts_to_gigabytes_fails_in_the_judge():
    """Of two shapes, (n, 1) and (n,), NumPy makes n times n. Here it is 5 GB, which is not used."""
    ((_, done, told),) = run(np.zeros, [((5, 10**9), "?")], jobs=1)
    assert not done
    assert "MemoryError" in told


def test_a_file_of_one_submission_is_not_there_for_the_next(attack):
    leave = f"import os\nopen('/tmp/left', 'w').write('1')\nos.mkdir('{WORK}/left')"
    look = f"import os\nassert 'left' not in [*os.listdir('/tmp'), *os.listdir('{WORK}')]"
    _, told = attack(leave, look)
    assert "Cell 1" not in told
    assert "Cell 2, line 2: AssertionError" in told  # it is there for the same one
    _, told = attack(look)
    assert "Cell 1" not in told


def test_nothing_that_a_submission_prints_is_kept(attack, capfd):
    attack("import os\nprint('printed here')\nos.write(2, b'written here')")
    out, err = capfd.readouterr()
    assert "here" not in out + err


def test_a_submission_does_not_choose_its_python(attack, notebook, monkeypatch):
    folder = notebook("").parent
    (folder / "numpy.py").write_text("raise SystemExit")
    (folder / "sitecustomize.py").write_text("raise SystemExit")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PYTHONSTARTUP", str(folder / "numpy.py"))
    result, _ = attack(REFERENCE)
    assert result.points == 5
    assert Path(python()).is_file()
