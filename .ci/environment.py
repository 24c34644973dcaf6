"""Make `.venv` with everything the course needs, pinned by constraints.txt. Run by `make`.

Asked for `newest`, make `.venv/newest` instead: the book without Jupyter Book, and without pins.
Standard library only: it runs before anything is installed, on Linux, macOS and Windows.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEWEST = sys.argv[1:] == ["newest"]
VENV = ROOT / ".venv" / ("newest" if NEWEST else "")
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = BIN / ("python.exe" if sys.platform == "win32" else "python")

# The one package that PyPI gives Linux only together with several GB of CUDA.
TORCH = next(
    line.strip()
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line.startswith("torch==")
)
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"

# What npm brings, beside the KaTeX whose version sphinxcontrib-katex chooses.
NODE_PACKAGES = {
    "esbuild": "0.28.2",  # joins and minifies the scripts and styles of the book
    "purgecss": "8.0.0",  # leaves out the styles that no page uses
    "@fontsource-variable/source-serif-4": "5.3.1",  # the letters of the text
    "@fontsource/iosevka": "5.3.0",  # and of the code
    "reveal.js": "6.0.2",  # shows the slides
    "gift-pegjs": "1.0.2",  # reads the GIFT that the quizzes are written in
    "axe-core": "4.14.1",  # checks the accessibility of the pages in the browser tests
    "lighthouse": "13.5.0",  # audits them, and measures in `make bench` how soon they can be read
}


def say(text):
    print(f"[set-up] {text}", flush=True)


def stop(text):
    sys.exit(f"[set-up] stopped: {text}")


def run(*command, hint):
    """Run a command; if it fails, its own output is above and `hint` says what to do."""
    if subprocess.run([str(part) for part in command], cwd=ROOT).returncode:
        stop(hint)


# An index that cannot be reached should cost seconds. Whoever has set these knows better.
os.environ.setdefault("PIP_RETRIES", "1")
os.environ.setdefault("PIP_DEFAULT_TIMEOUT", "15")
os.environ.setdefault(
    "PYTHONWARNINGS", "ignore"
)  # setuptools explains at length what editable means


def pip(*arguments, hint):
    install = ("install", "--quiet", "--no-compile", "--disable-pip-version-check")
    run(PYTHON, "-m", "pip", *install, *arguments, hint=hint)


def make_venv():
    if not (3, 11) <= sys.version_info < (3, 15):
        stop(
            f"Python 3.11 to 3.14 is needed, this is {sys.version.split()[0]} ({sys.executable}). "
            "Install one of them, or name it: make PYTHON=/path/to/python3.12"
        )
    # A set-up that was interrupted leaves a .venv without pip behind; make it again.
    check = "import pip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))"
    if not PYTHON.exists() or subprocess.run([PYTHON, "-c", check], capture_output=True).returncode:
        say(f"making {VENV.relative_to(ROOT)}")
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except subprocess.CalledProcessError:
            stop("Python has no working venv module. On Debian or Ubuntu: apt install python3-venv")


def install_torch():
    """Take the CPU build from PyTorch's own index, if that can be reached."""
    pinned = TORCH.removeprefix("torch==")
    have = f"import importlib.metadata as m; assert m.version('torch').split('+')[0] == '{pinned}'"
    done = subprocess.run([PYTHON, "-c", have], capture_output=True).returncode == 0
    if done or sys.platform != "linux":
        return
    say(f"installing {TORCH} for the CPU")
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps"]
    limits = ["--disable-pip-version-check", "--retries", "1", "--timeout", "15"]
    if subprocess.run([*command, *limits, "--index-url", TORCH_CPU_INDEX, TORCH]).returncode:
        say("PyTorch's CPU index cannot be reached; asking the default one (a larger download)")


def install_node_packages():
    """Fetch what npm brings, with the style and fonts of sphinxcontrib-katex's own KaTeX."""
    asked = [PYTHON, "-c", "from sphinxcontrib.katex import katex_version as v; print(v)"]
    katex = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    wanted = {"katex": katex, **NODE_PACKAGES}

    def there(name):
        file = VENV / "npm" / "node_modules" / name / "package.json"
        return file.exists() and f'"version": "{wanted[name]}"' in file.read_text(encoding="utf-8")

    if all(map(there, wanted)):
        return
    packages = [f"{name}@{version}" for name, version in wanted.items()]
    say(f"installing {', '.join(packages)} with npm")
    npm = BIN / ("npm.exe" if sys.platform == "win32" else "npm")
    flags = ["--no-audit", "--no-fund", "--loglevel=error"]
    flags += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"]
    hint = "npm could not fetch them. Check the network connection, then run the command again."
    run(npm, "install", *flags, "--prefix", VENV / "npm", *packages, hint=hint)


def main():
    make_venv()
    hint = (
        "pip could not install the packages (its own words are above). "
        "Check the network connection, then run the same command again; what is done stays done."
    )
    pip("--upgrade", "pip", hint=hint)
    install_torch()
    if NEWEST:
        say("installing the newest packages; the first time takes a few minutes")
        latest = ("--upgrade", "--upgrade-strategy", "eager", "--group", "newest")
        pip(*latest, TORCH, "--editable", ".[course,book]", hint=hint)
    else:
        extras = ",".join(sys.argv[1:] or ["dev"])
        say(f"installing the pinned packages ({extras}); the first time takes a few minutes")
        pip("--constraint", "constraints.txt", "--editable", f".[{extras}]", hint=hint)
    install_node_packages()
    say("ready")


if __name__ == "__main__":
    main()
