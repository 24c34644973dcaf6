"""The architecture of the core: NumPy alone, a public surface without surprises, documented."""

import doctest
import importlib
import inspect
import itertools
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

import xentlib

ROOT = Path(__file__).parents[1]
NAMES = {
    "information": "cross_entropy entropy kl_divergence perplexity surprisal",
    "losses": """
        binary_cross_entropy binary_cross_entropy_with_logits class_weights double_softmax_floor
        focal_loss log_softmax sigmoid_focal_loss smooth_labels softmax softmax_cross_entropy
        softmax_cross_entropy_grad
    """,
    "pitfalls": """
        binary_cross_entropy_of_sigmoid cross_entropy_of_softmax_output cross_entropy_with_clipping
        cross_entropy_with_epsilon focal_loss_from_weighted_cross_entropy log_of_softmax
        log_softmax_without_shift mean_of_batch_means mean_without_weight_normalisation
        softmax_without_shift
    """,
}
CORE = {module: names.split() for module, names in NAMES.items()}
MODULES = {name: importlib.import_module(f"xentlib.{name}") for name in CORE}
FUNCTIONS = {f"{m}.{f}": getattr(MODULES[m], f) for m, names in CORE.items() for f in names}
TRUSTED = {name: f for name, f in FUNCTIONS.items() if not name.startswith("pitfalls.")}

every_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())
every_trusted_function = pytest.mark.parametrize("function", TRUSTED.values(), ids=TRUSTED.keys())
every_module = pytest.mark.parametrize("name", CORE)


def sections(function):
    """The titles of the numpydoc sections, in their order."""
    lines = inspect.getdoc(function).splitlines()
    return [
        title
        for title, rule in itertools.pairwise(lines)
        if rule and set(rule) == {"-"} and len(rule) == len(title)
    ]


class TestImports:
    @pytest.mark.parametrize("name", ["", ".explorables.simplex", *(f".{name}" for name in CORE)])
    def test_the_core_needs_numpy_alone(self, name):
        script = (
            "import sys; before = set(sys.modules)\n"
            f"import xentlib{name}\n"
            "new = {m.split('.')[0] for m in set(sys.modules) - before}\n"
            "print(*sorted(new - set(sys.stdlib_module_names)))\n"
        )
        result = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        assert result.stdout.split() == ["numpy", "xentlib"]

    @every_module
    def test_a_module_s_public_surface_is_its_all(self, name):
        module = MODULES[name]
        assert sorted(module.__all__) == CORE[name]
        defined_here = {
            key
            for key, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__
        }
        assert {key for key in defined_here if not key.startswith("_")} == set(CORE[name])

    def test_the_package_s_public_surface_is_its_all(self):
        names = set(xentlib.__all__)
        assert len(names) == len(xentlib.__all__)
        assert names >= {*CORE["information"], *CORE["losses"]}
        visible = {
            key
            for key, value in vars(xentlib).items()
            if not key.startswith("_") and not inspect.ismodule(value)
        }
        assert visible == names - {"__version__"}

    def test_the_package_gives_the_functions_of_its_modules(self):
        for name, function in TRUSTED.items():
            assert getattr(xentlib, name.split(".")[1]) is function

    def test_types_are_shipped(self):
        assert resources.files("xentlib").joinpath("py.typed").is_file()


class TestDocstrings:
    @every_trusted_function
    def test_sections_come_in_one_order(self, function):
        order = ["Parameters", "Returns", "Raises", "Examples", "References"]
        assert sections(function) == order

    @every_function
    def test_pitfalls_too_have_an_example_and_a_source(self, function):
        assert sections(function)[-2:] == ["Examples", "References"]

    @every_function
    def test_the_first_line_is_one_sentence(self, function):
        first, blank = inspect.getdoc(function).splitlines()[:2]
        assert first.endswith(".")
        assert blank == ""

    @every_trusted_function
    def test_every_parameter_is_described(self, function):
        doc = inspect.getdoc(function)
        described = doc.split("Parameters\n")[1].split("Returns\n")[0]
        for name in inspect.signature(function).parameters:
            assert f"\n{name} :" in described, name

    @every_function
    def test_everything_but_the_arrays_is_keyword_only(self, function):
        arrays = {"p", "q", "nll", "logits", "probabilities", "targets", "batches"}
        for name, parameter in inspect.signature(function).parameters.items():
            by_position = parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
            assert by_position == (name in arrays or function is xentlib.double_softmax_floor)

    @every_function
    def test_every_argument_and_result_is_annotated(self, function):
        signature = inspect.signature(function)
        assert signature.return_annotation is not inspect.Signature.empty
        for parameter in signature.parameters.values():
            assert parameter.annotation is not inspect.Parameter.empty

    @every_function
    def test_the_example_runs(self, function):
        flags = doctest.NORMALIZE_WHITESPACE
        runner = doctest.DocTestRunner(optionflags=flags)
        (example,) = doctest.DocTestFinder(recurse=False).find(function, globs={})
        failed, attempted = runner.run(example)
        assert attempted >= 2
        assert failed == 0
