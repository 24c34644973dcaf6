"""Submissions that attack. None gains a point, harms another, or stops the run; each gets a line."""

import os
import time
from pathlib import Path

import pytest

from labs.guard import Limits
from labs.sandbox import python

REFERENCE = "import numpy as np\ndef double(x):\n    return 2 * np.asarray(x)\nanswer = 42.0"

# name: (cells, a part of what the student is told). All get 0 points.
ATTACKS = {
    "read the tests": (
        [
            "import os\nfound = []\nfor where, folders, files in os.walk('/'):\n"
            "    folders[:] = [f for f in folders if f not in ('usr', 'lib', 'lib64')]\n"
            "    found += [f for f in files if where != '/judge']\n"
            "assert not [f for f in found if f.endswith(('.py', '.json', '.ipynb'))], found\n"
            "raise SystemExit('found nothing')"
        ],
        "found nothing",
    ),
    "read the machine": (
        [
            "import os\ndef can(path):\n    try:\n        return bool(os.listdir(path))\n"
            "    except OSError:\n        return False\n"
            "seen = [p for p in ('/proc', '/sys', '/home', '/var', '/run', '/bin', '/usr/bin') if can(p)]\n"
            "assert not seen, seen\nassert not {'PATH', 'USER'} & set(os.environ)\nraise SystemExit('blind')"
        ],
        "blind",
    ),
    "patch numpy": (
        [
            "import numpy as np, numpy.testing\n"
            "np.allclose = np.isfinite = np.array_equal = lambda *a, **k: np.bool_(True)\n"
            "np.ndarray = list\nnp.testing.assert_allclose = lambda *a, **k: None\n"
            "def double(x):\n    return [0.0] * len(x)"
        ],
        "Multiply by two.",
    ),
    "patch otter": (
        [
            "import sys, types\nfake = types.ModuleType('otter.test_files')\n"
            "fake.test_case = lambda **k: (lambda f: (lambda *a: None))\n"
            "sys.modules['otter'] = sys.modules['otter.test_files'] = fake\ndouble = 1"
        ],
        "Multiply by two.",
    ),
    "patch builtins": (
        [
            "import builtins\nbuiltins.AssertionError = builtins.Exception = KeyboardInterrupt\n"
            "builtins.type = lambda *a: __import__('numpy').ndarray\n"
            "builtins.isinstance = lambda *a: True\ndef double(x):\n    return 'two'"
        ],
        "Cell 1 ended its own process.",
    ),
    "patch json in the probe": (
        [
            "import json, codec\njson.dumps = lambda *a, **k: '{\"value\": 84.0}'\n"
            "codec.encode = lambda *a: {'value': 42.0}\nanswer = None"
        ],
        "not asked",
    ),
    "equal everything": (
        [
            "class Yes(float):\n    __eq__ = __ge__ = __le__ = lambda *a: True\n    __hash__ = None\n"
            "answer = Yes(7)\nimport numpy as np\nclass Array(np.ndarray):\n"
            "    __eq__ = __le__ = lambda *a: True\n"
            "def double(x):\n    return np.zeros(len(x)).view(Array)"
        ],
        "double(...) gave a Array",
    ),
    "a class that is float": (
        [
            "class Meta(type):\n    __eq__ = lambda *a: True\n    __hash__ = type.__hash__\n"
            "class Yes(metaclass=Meta):\n    __class__ = float\n"
            "    __getattr__ = lambda s, n: s\nanswer = Yes()"
        ],
        "TypeError",
    ),
    "not a number": (
        ["import numpy as np\ndef double(x):\n    return x * np.nan\nanswer = float('nan')"],
        "not finite",
    ),
    "infinite": (
        ["import numpy as np\ndef double(x):\n    return x * np.inf\nanswer = float('inf')"],
        "not finite",
    ),
    "empty array": (["import numpy as np\ndef double(x):\n    return np.array([])"], "shape (0,)"),
    "print a score": (
        ["print('{\"score\": 100, \"tests\": []}')\nprint('q1 results: All test cases passed!')"],
        "double is missing",
    ),
    "write results": (
        [
            "import os\nfor path in ('results.json', '/autograder/results/results.json', '/results.json'):\n"
            "    try:\n        os.makedirs(os.path.dirname(path) or '.', exist_ok=True)\n"
            "        open(path, 'w').write('{\"score\": 100}')\n    except OSError:\n        pass\n"
            "open('/tmp/graded.json', 'w').write('{}')\n1 / 0"
        ],
        "ZeroDivisionError",
    ),
    "own tests folder": (
        [
            "import os\nos.makedirs('tests')\nopen('tests/q1.py', 'w').write('OK_FORMAT = True')\n1 / 0"
        ],
        "ZeroDivisionError",
    ),
    "exit": (["import os\nos._exit(0)"], "Cell 1 ended its own process. It was left out."),
    "exit in a call": (
        ["import os\ndef double(x):\n    os._exit(0)"],
        "double(...) ended its own process. Multiply by two.",
    ),
    "crash": (["import ctypes\nctypes.string_at(1)"], "Cell 1 was ended by SIGSEGV."),
    "endless loop": (["while True: pass"], "Cell 1 took more than 1.5 s of processor time."),
    "endless wait": (["import time\ntime.sleep(1e6)"], "Cell 1 waited for more than 1.5 s."),
    "deaf to signals": (
        [
            "import signal\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n"
            "    except (OSError, ValueError): pass\nwhile True:\n    try:\n        while True: pass\n"
            "    except BaseException: pass"
        ],
        "Cell 1 took more than 1.5 s of processor time.",
    ),
    "fork bomb": (
        ["import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"],
        "Cell 1",
    ),
    "fork and go on": (["import os\nos.fork()", "answer = 1.0"], "not asked"),
    "threads": (
        [
            "import threading, time\ndef wait():\n    time.sleep(1e6)\n"
            "while True:\n    threading.Thread(target=wait).start()"
        ],
        "RuntimeError: can't start new thread",
    ),
    "memory bomb": (
        ["x = bytearray(800_000_000)\nx[::4096] = b'x' * len(x[::4096])"],
        "400 MB of memory",
    ),
    "address space": (["x = bytearray(10**11)"], "MemoryError"),
    "memory of many": (
        [
            "import os, time\nfor i in range(8):\n    if os.fork() == 0:\n"
            "        x = bytearray(100_000_000)\n        time.sleep(1e6)\ntime.sleep(1e6)"
        ],
        "Cell 1 used more than 400 MB of memory.",
    ),
    "memory in files": (
        [
            "try:\n    for i in range(100):\n        open(f'/tmp/{i}', 'wb').write(b'x' * 10_000_000)\n"
            "except OSError as error:\n    raise SystemExit(error)"
        ],
        "No space left on device",
    ),
    "one large file": (["open('/tmp/x', 'wb').write(b'x' * 50_000_000)"], "File too large"),
    "memory without a name": (["import os\nos.memfd_create('x')"], "Operation not permitted"),
    "shared memory": (
        [
            "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
            "assert libc.shmget(0, 1 << 30, 0o1600) == -1\nraise OSError(ctypes.get_errno(), 'shmget')"
        ],
        "PermissionError: [Errno 1] shmget",
    ),
    "new namespace": (
        [
            "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
            "assert libc.unshare(0x10000000) == -1\nraise OSError(ctypes.get_errno(), 'unshare')"
        ],
        "PermissionError: [Errno 1] unshare",
    ),
    "open files": (["files = [open('/dev/null') for i in range(1000)]"], "Too many open files"),
    "raise the limits": (
        ["import resource as r\nr.setrlimit(r.RLIMIT_NPROC, (9999, 9999))"],
        "ValueError: not allowed to raise maximum limit",
    ),
    "1 GB of output": (
        ["import os\nfor i in range(1000):\n    os.write(1, b'x' * 1_000_000)"],
        "Cell 1 printed more than 10 MB.",
    ),
    "1 GB of errors": (
        ["import sys\nwhile True:\n    sys.stderr.write('x' * 1_000_000)"],
        "Cell 1 printed more than 10 MB.",
    ),
    "sockets": (
        ["import socket\nsocket.create_connection(('1.1.1.1', 53), 1)"],
        "Operation not permitted",
    ),
    "names": (["import urllib.request\nurllib.request.urlopen('http://localhost')"], "rror"),
    "a shell": (["import os\nassert os.system('id') == 0"], "AssertionError"),
    "links": (
        ["import os\nos.symlink('/etc/passwd', 'mine')\nprint(open('mine').read())"],
        "No such file or directory: 'mine'",
    ),
    "path traversal": (
        ["print(open('../../../../../etc/shadow').read())"],
        "No such file or directory",
    ),
    "become root": (
        ["import os\nos.setuid(0)\nos.setgid(0)\nopen('/etc/x', 'w')"],
        "Error: [Errno",
    ),
    "kill everything": (
        [
            "import os, signal\nfor pid in (-1, 1, os.getppid()):\n"
            "    try: os.kill(pid, signal.SIGKILL)\n    except OSError: pass\n1 / 0"
        ],
        "Cell 1",
    ),
    "write to every descriptor": (
        [
            "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'{\"value\": 42.0}' * 99)\n"
            "    except OSError: pass\nanswer = 7.0"
        ],
        "Cell 1",
    ),
    "forge the next answer": (
        [
            "import sys, os, json, struct\nreplies = sys._getframe(3).f_globals['REPLIES']\n"
            "data = json.dumps({'value': 42.0, 'nonce': 'x'}).encode()\n"
            "os.write(replies, (struct.pack('>I', len(data)) + data) * 20)"
        ],
        "Cell 1",
    ),
    "serve the judge itself": (
        [
            "import sys, os, json, struct\nframe = sys._getframe()\n"
            "while 'REPLIES' not in frame.f_globals: frame = frame.f_back\n"
            "fd, ask = frame.f_globals['REPLIES'], frame.f_globals['REQUESTS']\n"
            "nonce = frame.f_locals['request']['nonce']\n"
            "while True:\n"
            "    data = json.dumps({'passed': True, 'points': 9, 'nonce': nonce, 'function': True}).encode()\n"
            "    os.write(fd, struct.pack('>I', len(data)) + data)\n"
            "    size = struct.unpack('>I', os.read(ask, 4))[0]\n"
            "    nonce = json.loads(os.read(ask, size))['nonce']"
        ],
        "Multiply by two.",
    ),
    "a huge answer": (["def double(x):\n    return 'x' * 100_000_000"], "answer of more than 8 MB"),
    "a huge header": (
        [
            "import sys, os\nframe = sys._getframe()\n"
            "while 'REPLIES' not in frame.f_globals: frame = frame.f_back\n"
            "os.write(frame.f_globals['REPLIES'], b'\\xff' * 4)\nos._exit(0)"
        ],
        "Cell 1 gave an answer of more than 8 MB.",
    ),
    "a deep answer": (
        ["x = []\nfor i in range(10_000): x = [x]\ndef double(y):\n    return x"],
        "nested more than 20 deep",
    ),
    "many items": (["def double(x):\n    return [[]] * 300_000"], "more than 200000 items"),
    "a ring": (
        ["x = {}\nx['x'] = x\nanswer = x", "def double(y):\n    return x"],
        "nested more than",
    ),
    "a deep answer in JSON": (
        [
            "import codec\ncodec.dumps = lambda m: b'[' * 100_000",
        ],
        "Cell 1 sent something that is not JSON.",
    ),
    "a large number": (["def double(x):\n    return 10**5000"], "an int of more than 64 bits"),
    "a liar of an array": (
        [
            "import codec\nold = codec.dumps\ncodec.dumps = lambda m: old({'nonce': m['nonce'], 'value': "
            "{'array': ['<f8', [2**30, 2**30], '']}})\ndouble = 1"
        ],
        "an array whose data do not fit its shape",
    ),
    "objects in an array": (
        ["import numpy as np\ndef double(x):\n    return np.array([object()])"],
        "a NumPy array of dtype object",
    ),
    "text that hides": (
        ["raise ValueError('\\x1b[2J\\x00 <script>alert(1)</script>' + '\\ud800' + 'x' * 10**7)"],
        "<script>alert(1)</script>",
    ),
    "an error that bites": (
        ["class Bad(Exception):\n    def __str__(self): raise SystemExit\nraise Bad"],
        "its text cannot be read",
    ),
    "the garbage collector": (
        [
            "import gc\nfound = [o for o in gc.get_objects() if type(o).__name__ == 'test_case']\n"
            "assert not found\nraise SystemExit('nothing there')"
        ],
        "nothing there",
    ),
    "at exit": (
        ["import atexit, os\natexit.register(lambda: os.write(2, b'x' * 10**9))\n1 / 0"],
        "ZeroDivisionError",
    ),
    "stop reading": (
        ["import os\nfor fd in range(64):\n    try: os.close(fd)\n    except OSError: pass"],
        "Cell 1",
    ),
    "close the output and loop": (
        ["import os\nos.close(1)\nos.close(2)\nwhile True: pass"],
        "1.5 s of",
    ),
    "a long name": (["x" * 900_000], "NameError"),
    "deep code": (["(" * 100_000 + ")" * 100_000], "Cell 1"),
    "code of deep lists": (["x = " + "[" * 5000 + "]" * 5000], "Cell 1"),
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
    cells, says = ATTACKS[name]
    result, told = attack(*cells)
    assert result.points == 0
    assert says in told
    assert "\x1b" not in told


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


def test_a_file_of_one_submission_is_not_there_for_the_next(attack):
    attack("open('/tmp/left', 'w').write('1')\nimport os\nos.makedirs('/tmp/work/left')")
    result, told = attack(
        "import os\nassert sorted(os.listdir('/tmp')) == ['work'], os.listdir('/tmp')"
    )
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
