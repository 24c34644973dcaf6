"""Time xentlib, the explorables, the pages and the doctor: ``python -m tests.bench``.

Run it from the top of the repository.
All routes to one function run in turns, round after round, so that a busy machine disturbs them
alike; each counts with its best round. Routes that use one thread are compared by their processor
time, those that use several by the time on the wall. Tables, charts and numbers go to _build/bench.
Nothing here fails on a slow machine: a target is reported as reached or not.
"""

import gc
import json
import os
import platform
import time
import tracemalloc
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch

import xentlib
from tests.bench import doctor, explorables, lighthouse
from tests.bench.rivals import MAKERS, ROUTES, calls

SIZES = [(10**3, 10), (10**5, 10), (10**4, 100), (10**5, 100), (10**4, 1000), (10**5, 1000)]
THREADED = ("optax", "torch all threads")
TARGETED = ("softmax_cross_entropy", "softmax_cross_entropy_grad")
BUDGET = 0.15  # seconds per case, beyond the rounds that every case gets
MEMORY_SHAPE = (10**6, 1000)
FOLDER = Path("_build/bench")


def best_times(function: str, rows: int, classes: int, dtype: Any) -> dict[str, float]:
    """Return the best time of each route as a multiple of ours, and ours in seconds."""
    routes = list(calls(function, rows, classes, dtype).items())
    if rows * classes > 10**7:  # keeps the whole run under four minutes
        routes = [(route, call) for route, call in routes if route not in THREADED]
    threads = torch.get_num_threads()
    wall = dict.fromkeys(dict(routes), float("inf"))
    processor = wall.copy()
    answers = {}
    start, rounds = time.perf_counter(), 0
    enough = 3 if rows * classes <= 10**7 else 2
    while rounds < enough or (time.perf_counter() - start < BUDGET and rounds < 500):
        for route, call in routes:
            torch.set_num_threads(1 if route == "torch 1 thread" else threads)
            begun = time.perf_counter(), time.thread_time()
            answer = call()
            ended = time.perf_counter(), time.thread_time()
            if rounds == 0:  # warms up and compiles, so that it does not count
                entries = np.asarray(answer).ravel()
                answers[route] = np.abs(entries[:: max(1, entries.size // 1000)]).sum(dtype=float)
            else:
                wall[route] = min(wall[route], ended[0] - begun[0])
                processor[route] = min(processor[route], ended[1] - begun[1])
            del answer
        routes = routes[1:] + routes[:1]  # so that nobody always follows the same rival
        rounds += 1
    torch.set_num_threads(threads)
    for route, answer in answers.items():
        tolerance = 0.02 if route == "sklearn" else 1e-3  # it clips the probabilities
        assert np.isclose(answer, answers["xentlib"], rtol=tolerance, atol=1e-6), (function, route)
    times = {route: (wall if route in THREADED else processor) for route in wall}
    ratios = {route: time[route] / time["xentlib"] for route, time in times.items()}
    return {**ratios, "xentlib": processor["xentlib"]}


def extra_memory() -> dict[str, Any]:
    """Return the peak of memory in MB beyond inputs and output, at the largest size."""
    rows, classes = MEMORY_SHAPE
    size = rows * classes * 4
    available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if available < 2.5 * size:
        return {"skipped": f"{available / 1e9:.0f} GB free, {2.5 * size / 1e9:.0f} GB needed"}
    rng = np.random.default_rng(0)
    z = np.empty((rows, classes), np.float32)
    z.reshape(-1, 1000, classes)[...] = rng.standard_normal((1000, classes), dtype=np.float32)
    y = rng.integers(0, classes, rows)
    peaks = {}
    for function, output in ((TARGETED[0], 0), (TARGETED[1], size)):
        tracemalloc.start()
        getattr(xentlib, function)(z, y)
        peaks[function] = (tracemalloc.get_traced_memory()[1] - output) / 1e6
        tracemalloc.stop()
    return peaks


def verdicts(results: list[dict[str, Any]], memory: dict[str, Any]) -> list[str]:
    """Return a line for each target: reached or not, and by how much."""
    lines = []

    def judge(what: str, ratio: float, target: float) -> None:
        reached = "reached" if ratio >= target else "NOT reached"
        lines.append(f"{reached:12} {what}: {ratio:.2f} (target {target:g})")

    for case in (r for r in results if r["function"] in TARGETED):
        name = f"{case['function']} {case['dtype']} {case['rows']} x {case['classes']}"
        if case["classes"] >= 100:
            judge(f"{name}, scipy / xentlib", case["times"]["scipy"], 1.5)
        judge(f"{name}, torch 1 thread / xentlib", case["times"]["torch 1 thread"], 1)
    for function in TARGETED:
        if function in memory:
            reached = "reached" if memory[function] < 64 else "NOT reached"
            shape = " x ".join(map(str, MEMORY_SHAPE))
            lines.append(
                f"{reached:12} {function} float32 {shape}: {memory[function]:.1f} MB beyond input "
                "and output (target < 64)"
            )
        else:
            lines.append(f"not measured {function}, memory: {memory['skipped']}")
    return lines


def table(function: str, results: list[dict[str, Any]]) -> str:
    """Return a table of one function: ns per entry, and every rival's time over ours."""
    rivals = [r for r in ROUTES[1:] if any(r in case["times"] for case in results)]
    head = f"{'':8} {'rows x classes':>15} {'xentlib':>10}" + "".join(f"{r:>19}" for r in rivals)
    lines = [f"\n{function}: xentlib in ns per entry; the others as a multiple of its time", head]
    for case in results:
        ns = case["times"]["xentlib"] / (case["rows"] * case["classes"]) * 1e9
        size = f"{case['rows']} x {case['classes']}"
        line = f"{case['dtype']:8} {size:>15} {ns:>10.2f}"
        for rival in rivals:
            line += f"{case['times'][rival]:>19.2f}" if rival in case["times"] else f"{'':>19}"
        lines.append(line)
    return "\n".join(lines)


def chart(function: str, results: list[dict[str, Any]]) -> None:
    """Draw every rival's time over ours, one panel for each precision."""
    figure, panels = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    for panel, dtype in zip(panels, ("float32", "float64"), strict=True):
        cases = [case for case in results if case["dtype"] == dtype]
        for route, marker in zip(ROUTES[1:], "osD^v", strict=True):
            points = [
                (i, case["times"][route]) for i, case in enumerate(cases) if route in case["times"]
            ]
            if points:
                panel.plot(*zip(*points, strict=True), marker=marker, label=route)
        panel.axhline(1, color="black", linewidth=1)
        panel.set_xticks(
            range(len(cases)), [f"{c['rows']}\nx {c['classes']}" for c in cases], fontsize=8
        )
        panel.set(title=dtype, xlabel="rows x classes", yscale="log")
    panels[0].set_ylabel("time / time of xentlib (above 1: xentlib is faster)")
    panels[0].legend(fontsize=8)
    figure.suptitle(function)
    FOLDER.mkdir(parents=True, exist_ok=True)
    figure.savefig(FOLDER / f"{function}.svg")
    plt.close(figure)


def main() -> None:
    """Run everything, print the tables and the verdicts, and store them."""
    load = os.getloadavg()[0]
    results = []
    for function in MAKERS:
        cases = []
        for dtype in (np.float32, np.float64):
            for rows, classes in SIZES:
                if rows * classes > 10**7 and function not in TARGETED:
                    continue
                times = best_times(function, rows, classes, dtype)
                case = {"function": function, "dtype": np.dtype(dtype).name}
                cases.append({**case, "rows": rows, "classes": classes, "times": times})
                gc.collect()
        print(table(function, cases), flush=True)
        chart(function, cases)
        results += cases
    memory = extra_memory()
    updates = explorables.update_times()
    pages = lighthouse.measure()
    examined = doctor.measure()
    lines = verdicts(results, memory) + explorables.verdicts(updates) + lighthouse.verdicts(pages)
    lines += doctor.verdicts(examined)
    print("\nTargets", *lines, sep="\n")
    machine = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}
    versions = {"numpy": np.__version__, "torch": torch.__version__, "xentlib": xentlib.__version__}
    record = {"machine": machine, "versions": versions, "results": results}
    record |= {
        "extra_memory_MB": memory,
        "explorables_ms": updates,
        "pages": pages,
        "doctor": examined,
    }
    record |= {"load_before": load, "targets": lines}
    (FOLDER / "bench.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
