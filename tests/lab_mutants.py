"""Small mistakes, made in a reference solution one at a time."""

import ast
import copy

OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
}
COMPARISONS = {
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
}
FUNCTIONS = {
    "abs": "positive",
    "argmax": "argmin",
    "exp": "exp2",
    "log": "log2",
    "log2": "log",
    "log1p": "log",
    "max": "min",
    "maximum": "minimum",
    "mean": "sum",
    "sum": "mean",
}
AXIS = ("axis", "dim")


def _other(node):
    """Yield what a node could be by mistake."""
    for field in ("op",) if isinstance(node, (ast.BinOp, ast.BoolOp, ast.AugAssign)) else ():
        if type(node.op) in OPERATORS:
            yield field, OPERATORS[type(node.op)]()
    if isinstance(node, ast.Compare):
        kind = type(node.ops[0])
        for other in COMPARISONS.get(kind, (OPERATORS[kind],) if kind in OPERATORS else ()):
            yield "ops", [other(), *node.ops[1:]]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "op", ast.UAdd()
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield "value", node.value + 1
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield "value", node.value + "x"
    if isinstance(node, ast.Attribute) and node.attr in FUNCTIONS:
        yield "attr", FUNCTIONS[node.attr]
    if isinstance(node, ast.keyword) and node.arg in AXIS:
        yield "value", ast.Constant(1 if ast.unparse(node.value) == "0" else 0)
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".where"):
        condition, *others = node.args
        yield "args", [condition, *reversed(others)]


def _words(tree):
    """Return what is only read by people: docstrings, and what an error says."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise):
            found |= {id(part) for part in ast.walk(node)}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
    return found


def mutants(code):
    """Yield each mutant of this code, with what was changed in which statement."""
    tree = ast.parse(code)
    words = _words(tree)
    nodes = [node for node in ast.walk(tree) if id(node) not in words]
    place = {id(node): i for i, node in enumerate(ast.walk(tree))}
    for node in nodes:
        for field, value in _other(node):
            changed = copy.deepcopy(tree)
            other = list(ast.walk(changed))[place[id(node)]]
            setattr(other, field, value)
            text, before = ast.unparse(ast.fix_missing_locations(changed)), ast.unparse(tree)
            lines = zip(before.split("\n"), text.split("\n"), strict=True)
            differ = [(a.strip(), b.strip()) for a, b in lines if a != b]
            if differ:
                yield " -> ".join(differ[0]), text


# Mutants that answer as the reference does: the lab, the question, the change, and why.
_WEIGHT = "what is weighed by 0 may be any number"
EQUIVALENT = {
    (
        "1_entropy",
        "q2",
        "return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)"
        " -> return -(p * np.log(np.where(p > 0, p, 2))).sum(axis=-1)",
    ): _WEIGHT,
    (
        "1_entropy",
        "q4",
        "return -(p * np.log(np.where(p > 0, q, 1))).sum(axis=-1)"
        " -> return -(p * np.log(np.where(p > 0, q, 2))).sum(axis=-1)",
    ): _WEIGHT,
    (
        "2_stable_softmax",
        "q5",
        "return (p * np.where(p > 0, surprisal, 0)).sum(axis=1)"
        " -> return (p * np.where(p > 0, surprisal, 1)).sum(axis=1)",
    ): _WEIGHT,
    (
        "3_gradients",
        "q4",
        "losses = [mean_loss(x @ w + b, p)] -> losses = [mean_loss(x @ w - b, p)]",
    ): "b is 0 before the first step",
    (
        "3_gradients",
        "q6",
        "def steps_out(kind, z, rate, limit=100000):"
        " -> def steps_out(kind, z, rate, limit=100001):",
    ): "it keeps a run from lasting for ever, and any large number does",
}
