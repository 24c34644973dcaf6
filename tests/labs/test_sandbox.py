import os
import shutil

import pytest

from labs import bubblewrap, codec, seccomp
from labs.bubblewrap import Cage, NoSandboxError, check
from labs.guard import Ended, Limits
from labs.packages import package_paths
from labs.sandbox import Sandbox
from labs.usage import tree

LIMITS = Limits(seconds=2)


def ask(sandbox, **request):
    return codec.loads(sandbox.ask(codec.dumps({"nonce": "n", **request})))


def run(sandbox, code):
    return ask(sandbox, ask="cell", number=1, source=code)


def value(sandbox, name):
    return codec.decode(ask(sandbox, ask="what", name=name)["value"])


def test_the_limits_of_the_kernel_hold_inside():
    """What the process itself reads, and no way back to root."""
    with Sandbox(Cage(limits=LIMITS)) as sandbox:
        code = (
            "import resource as r, os\n"
            "names = ('CPU', 'AS', 'FSIZE', 'NOFILE', 'CORE', 'NPROC')\n"
            "limits = {n: list(r.getrlimit(getattr(r, 'RLIMIT_' + n))) for n in names}\n"
            "user = [os.getuid(), os.getpid(), len(os.environ)]\n"
        )
        assert "error" not in run(sandbox, code)
        limits = value(sandbox, "limits")
        uid, pid, variables = value(sandbox, "user")
    expected = {"CPU": 17, "AS": 6000 * 10**6, "FSIZE": 16 * 10**6, "NOFILE": 64, "CORE": 0}
    assert {name: pair[0] for name, pair in limits.items()} == {**expected, "NPROC": 32}
    assert all(soft == hard for soft, hard in limits.values())
    assert uid != 0
    assert pid < 5  # its own process namespace
    assert variables <= 10


def test_every_refused_system_call_is_refused():
    column, _ = seccomp.MACHINES[os.uname().machine]
    numbers = {name: pair[column] for name, pair in seccomp.REFUSED.items()}
    with Sandbox(Cage(limits=LIMITS)) as sandbox:
        code = (
            "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
            "def refused(number, *rest):\n"
            "    answer = libc.syscall(number, *rest, 0, 0, 0, 0)\n"
            "    return [answer, ctypes.get_errno()]\n"
        )
        run(sandbox, code)
        for name, number in numbers.items():
            args = codec.encode((number,))
            reply = ask(sandbox, ask="call", name="refused", args=args, kwargs=codec.encode({}))
            assert codec.decode(reply["value"]) == [-1, 1], name  # EPERM
        args = codec.encode((seccomp.CLONE3,))
        reply = ask(sandbox, ask="call", name="refused", args=args, kwargs=codec.encode({}))
        assert codec.decode(reply["value"]) == [-1, 38]  # ENOSYS: libc uses clone instead


def test_no_filter_is_made_up_for_an_unknown_machine():
    assert seccomp.program("riscv64") is None
    for machine in seccomp.MACHINES:
        assert len(seccomp.program(machine)) % 8 == 0


def test_only_what_the_lab_allows_can_be_imported():
    with Sandbox(Cage(imports=("numpy", "matplotlib"), limits=LIMITS)) as sandbox:
        for name in ("numpy", "matplotlib.pyplot", "json", "math"):
            assert "error" not in run(sandbox, f"import {name}"), name
        for name in ("xentlib", "scipy", "sklearn", "torch", "pip", "otter.test_files", "labs"):
            assert run(sandbox, f"import {name}")["error"]["type"] == "ModuleNotFoundError", name
    with Sandbox(Cage(imports=("xentlib",), limits=LIMITS)) as sandbox:
        assert "error" not in run(sandbox, "import xentlib")


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(LookupError, match="allows nonesuch, which is not installed"):
        package_paths(("nonesuch",))


def test_the_data_of_a_lab_can_be_read_and_not_written(tmp_path):
    (tmp_path / "data.csv").write_text("1,2\n")
    cage = Cage(data=(tmp_path / "data.csv",), limits=LIMITS)
    with Sandbox(cage) as sandbox:
        assert "error" not in run(sandbox, "assert open('data.csv').read() == '1,2\\n'")
        assert run(sandbox, "open('data.csv', 'w')")["error"]["type"] == "OSError"
        assert "error" not in run(sandbox, "open('mine.csv', 'w').write('x')")
    assert (tmp_path / "data.csv").read_text() == "1,2\n"


def test_a_call_after_the_end_says_why():
    with Sandbox(Cage(limits=LIMITS)) as sandbox:
        with pytest.raises(Ended, match="ended its own process"):
            run(sandbox, "import os\nos._exit(1)")
        with pytest.raises(Ended, match="ended its own process"):
            run(sandbox, "x = 1")


def test_nothing_is_left_behind():
    before, open_before = tree(os.getpid()), len(os.listdir("/proc/self/fd"))
    with Sandbox(Cage(limits=LIMITS)) as sandbox:
        run(sandbox, "import os\nif os.fork() == 0:\n    os.setsid()\n    while True: pass")
        assert len(tree(os.getpid())) >= len(before) + 3
    assert tree(os.getpid()) == before
    assert len(os.listdir("/proc/self/fd")) == open_before


def test_without_bubblewrap_it_refuses_and_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSandboxError) as refused:
        check()
    assert "apt install bubblewrap" in str(refused.value)
    assert "--unsafe-without-sandbox" in str(refused.value)
    check(unsafe=True)


def test_where_namespaces_are_refused_it_says_so(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(NoSandboxError) as refused:
        check()
    assert "No permissions to create new namespace" in str(refused.value)
    assert "user.max_user_namespaces" in str(refused.value)


@pytest.mark.parametrize(("system", "says"), [("win32", "WSL 2"), ("darwin", "virtual machine")])
def test_on_other_systems_it_says_what_to_do(monkeypatch, system, says):
    monkeypatch.setattr(bubblewrap.sys, "platform", system)
    with pytest.raises(NoSandboxError, match=says):
        check()


def test_bubblewrap_is_here():
    """These tests need it: apt install bubblewrap."""
    assert shutil.which("bwrap")
    check()


def test_without_the_sandbox_limits_still_hold(graded):
    code = "import numpy as np\ndef double(x):\n    return 2 * np.asarray(x)\nanswer = 42.0"
    result, told = graded(code, "while True: pass", "import scipy", unsafe=True)
    assert result.points == 5
    assert "Cell 2 took more than 1.5 s of processor time." in told
    assert "No module named 'scipy'" in told
    result, told = graded("x = bytearray(800_000_000)\nx[::4096] = x[::4096]", unsafe=True)
    assert "400 MB of memory" in told


def test_a_python_that_does_not_start_is_not_the_students_fault(graded, monkeypatch, tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho it is broken\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr("labs.sandbox.python", lambda: str(broken))
    with pytest.raises(NoSandboxError, match=r"The sandbox .*\. it is broken"):
        graded("x = 1", unsafe=True)
