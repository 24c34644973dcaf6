import warnings
from pathlib import Path

import numpy as np
import pytest

from labs import Lab
from labs.judge import judge
from labs.result import Result

DATA = Path(__file__).parent / "data"
REFERENCE = "import numpy as np\ndef double(x):\n    return 2 * np.asarray(x)\nanswer = 42.0"
DOUBLE = "def double(x):\n    return 2 * x\n"


def points(result):
    return {question.name: question.points for question in result.questions}


def test_the_reference_gets_everything_and_the_written_question_waits(graded):
    result, _ = graded(REFERENCE)
    assert points(result) == {"q1": 3, "q2": 2, "q10": None}
    assert [question.name for question in result.questions] == ["q1", "q2", "q10"]
    assert (result.points, result.out_of) == (5, 5)
    assert result.questions[2].out_of == 4
    assert result.notes == ()
    assert not result.problem


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "double is missing"),
        ("answer = ...", "answer is still `...`"),
        ("def double(x):\n    ...", "Multiply by two. (double returned None."),
        ("double = ...", "double is still"),
        ("def double(x:\n", "Cell 1, line 1: SyntaxError"),
        (
            "\n\nimport scipy.special",
            "Cell 1, line 3: ModuleNotFoundError: No module named 'scipy'",
        ),
        ("import xentlib", "It imports xentlib, which is the answer."),
        ("import pandas", "It imports pandas. Here you may import numpy and matplotlib"),
        ("def double(x):\n    return list(2 * x)", "expected an array, got list"),
        (
            "def double(x):\n    return x[5]",
            "Your code raised IndexError: index 5 is out of bounds",
        ),
        ("def double(x):\n    import scipy", "No module named 'scipy'"),
        ("def double(x):\n    return (y for y in x)", "double(...) gave a generator"),
        ("import numpy as np\ndef double(x):\n    return np.matrix(x)", "numpy.matrix"),
        ("def double():\n    return 1", "TypeError"),
        ("name = input('name? ')", "nobody to ask"),
        ("import sys\nsys.exit()", "SystemExit"),
    ],
)
def test_what_is_wrong_is_said(graded, code, says):
    result, told = graded(code)
    assert says in told
    assert result.points == 0


def test_a_failed_check_costs_its_points_only(graded):
    result, told = graded("def double(x):\n    return abs(2 * x)\nanswer = 42.0")
    assert points(result) == {"q1": 1, "q2": 2, "q10": None}
    assert told.split() == ["Think", "of", "negative", "numbers."]


def test_a_hidden_test_tells_its_message_alone(graded):
    loud = "def double(x):\n    if x[0] < 0: raise ValueError(f'got {x[0]}')\n    return 2 * x"
    _, told = graded(loud)
    assert "Think of negative numbers. (Your code raised ValueError.)" in told
    named = "def double(x):\n    raise type(f'E{x[0]}', (KeyError,), {})(x[0])"
    _, more = graded(named, DOUBLE.replace("2 * x", "2 * x if x[0] > 0 else x / 0"))
    wrong = DOUBLE.replace("2 * x", "2 * x if x[0] > 0 else x")
    _, third = graded(wrong)
    for text in (told, more, third):
        assert "271" not in text
        assert "543" not in text


def test_a_cell_that_fails_does_not_take_the_others_with_it(graded):
    result, told = graded("answer = 42.0", "1 / 0", DOUBLE)
    assert result.points == 5
    assert told.strip() == "Cell 2, line 1: ZeroDivisionError: division by zero"


def test_a_cell_that_loops_costs_itself(graded):
    result, told = graded("answer = 42.0", "while True: pass", DOUBLE)
    assert result.points == 5
    assert told.strip() == "Cell 2 took more than 1.5 s of processor time. It was left out."


def test_a_function_that_loops_costs_its_check(graded):
    code = "def double(x):\n    while x[0] < 0: pass\n    return 2 * x\nanswer = 42.0"
    result, told = graded(code)
    assert points(result) == {"q1": 1, "q2": 2, "q10": None}
    assert "double(...) took more than 1.5 s of processor time." in told


def test_what_belongs_to_the_notebook_does_no_harm(graded):
    result, _ = graded(
        "import otter\ngrader = otter.Notebook('tiny.ipynb')",
        "%matplotlib inline\nif True:\n    !pip install otter-grader\nanswer = 42.0",
        "%%time\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n" + DOUBLE,
        "%%bash\nrm -rf /",
        "display(answer)\nfrom IPython.display import Markdown, display\ndisplay(Markdown('x'))",
        "grader.check('q1')\nget_ipython().run_line_magic('matplotlib', 'inline')\ndouble?",
        "text = '''\n%s\n!\n'''\nassert len(text) == 6\ngrader.export(force_save=True)",
    )
    assert result.points == 5
    assert [note for note in result.notes if "Error" in note] == []
    assert result.notes[0] == "Cell 2: 2 lines for Jupyter (%, ! or ?) were left out."


def test_duplicated_cells_and_no_metadata_change_nothing(graded, tiny, tmp_path):
    result, _ = graded(REFERENCE, REFERENCE, REFERENCE)
    assert result.points == 5


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a Jupyter notebook"),
        (b"{", "not a Jupyter notebook"),
        (b"[]", "not a Jupyter notebook"),
        (b"\xff\xfe\x00", "not a Jupyter notebook"),
        (b"[" * 100_000, "not a Jupyter notebook"),
        (b'{"cells": [{"cell_type": "code", "source": 7}]}', "not a Jupyter notebook"),
        (b'{"cells": {"cell_type": "code"}}', "not a Jupyter notebook"),
        (b'{"worksheets": []}', "not a Jupyter notebook"),
        (b'{"cells": [' + b'{"cell_type":"code","source":""},' * 600 + b"1]}", "not a"),
        (b'{"cells": [], "x": "' + b"x" * 50_000_000 + b'"}', "has 50 MB; the limit is 20."),
    ],
)
def test_what_is_not_a_notebook_gets_nothing_and_a_line(tmp_path, tiny, content, says):
    path = tmp_path / "student.ipynb"
    path.write_bytes(content)
    result = judge(path, tiny)
    assert (result.points, result.out_of, result.problem) == (0, 5, True)
    assert says in result.notes[0]
    assert result.questions[2].points is None


def test_another_lab_is_noticed(notebook, tiny, graded):
    other = notebook(REFERENCE, metadata={"otter": {"assignment_name": "1_entropy"}})
    result = judge(other, tiny)
    assert (result.points, result.problem) == (0, True)
    assert "'1_entropy', not 'tiny'" in result.notes[0]
    result, told = graded("def entropy(p): ...")
    assert result.problem
    assert "Is it the right lab?" in told


def test_a_result_survives_json(graded):
    result, _ = graded("def double(x):\n    return x")
    assert Result.from_json(result.to_json()) == result


def test_values_cross_as_they_are(notebook):
    """The comparison is in data/same/q1.py, which the judge runs."""
    result = judge(notebook("def same(x):\n    return x\nthree = 3"), Lab("same", DATA / "same"))
    assert result.points == 1, result.questions


def test_torch_tensors_cross_where_the_lab_allows_torch(notebook, tmp_path):
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "q1.py").write_text(
        "from otter.test_files import test_case\nname = 'q1'\npoints = 1\n"
        "@test_case(points=1)\ndef test(double):\n"
        "    import torch\n    got = double(torch.tensor([1.0, 2.0]))\n"
        "    assert isinstance(got, torch.Tensor)\n    assert got.tolist() == [2, 4]\n"
    )
    code = "import torch\ndef double(x):\n    return torch.mul(x, 2).requires_grad_()"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, at its first import
        result = judge(notebook(code), Lab("torch", tests, imports=("numpy", "torch")))
    assert result.points == 1, result
    result = judge(notebook(code), Lab("torch", tests))
    assert "It imports torch" in result.notes[0]


def test_a_test_finds_numpy_as_it_was(graded):
    before = np.geterr()
    graded(REFERENCE)
    assert np.geterr() == before
