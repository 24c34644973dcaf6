"""The doctor needs NumPy alone, whatever arrays it is given."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
before = set(sys.modules)
import xentlib.doctor
xentlib.doctor.examine([[2.0, 1.0, 5.0]], [2], observed=0.1)
new = {name.split(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
"""


def test_numpy_alone():
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["numpy", "xentlib"], done.stderr
