"""Grade a folder of notebooks: ``python -m labs.grade SUBMISSIONS -o RESULTS``.

SUBMISSIONS holds a notebook per student, or a folder per student with one notebook in it. RESULTS
gets ``scores.csv``, ``summary.html``, ``feedback/STUDENT.html``, ``gradescope/STUDENT.json``, and
``graded/``, where each result is kept as soon as it is there. Run the command again to go on after
an interrupt: what has not changed is not graded again. The same submissions give the same files,
byte for byte, however many jobs grade them.

Each submission runs alone in a sandbox (`labs.sandbox`), and scores are computed outside of it
(`labs.judge`). Exit status: 0 if all were graded; 1 if some could not be, each with a line that
says why; 2 if nothing could be done; 3 if RESULTS could not be written; 130 after an interrupt.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import signal
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import labs
from labs import Lab, report
from labs.bubblewrap import UNSAFE, NoSandboxError, check
from labs.collect import Submission, collect, digest
from labs.guard import LIMITS, MB, Limits
from labs.judge import judge
from labs.notebook import UnreadableError, read_cells
from labs.packages import package_paths
from labs.pool import cores, run
from labs.result import Result


class UsageError(Exception):
    """Nothing can be graded; the message says what to do."""


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(
        prog="python -m labs.grade", description=__doc__.split("\n")[0]
    )
    parser.add_argument("submissions", type=Path, help="the folder with the notebooks")
    parser.add_argument("-o", "--results", type=Path, required=True, help="the folder for results")
    parser.add_argument(
        "--lab", help="number or name; if left out, what the notebooks say they are"
    )
    parser.add_argument("--jobs", type=int, default=cores(), help="at once; default: all cores")
    parser.add_argument(
        "--time-limit",
        type=float,
        default=LIMITS.seconds,
        metavar="SECONDS",
        help="processor time of a cell or a call; all together, 6 times as long (%(default)g)",
    )
    parser.add_argument(
        "--memory-limit", type=int, default=LIMITS.memory // MB, metavar="MB", help="(%(default)d)"
    )
    parser.add_argument(
        "--unsafe-without-sandbox", action="store_true", help="see labs/sandbox.py before you do"
    )
    return parser.parse_args(argv)


def find_lab(asked: str | None, submissions: list[Submission]) -> Lab:
    """Return the lab that was asked for, or else the one that all the notebooks say they are."""
    if asked is None:
        says: Counter[str] = Counter()
        for submission in submissions:
            try:
                says[read_cells(submission.path)[1] or ""] += 1
            except UnreadableError:
                continue
        known = [name for name in says if name in labs.names()]
        if len(known) != 1:
            counts = ", ".join(f"{name} ({says[name]})" for name in known) or "none"
            raise UsageError(f"Which lab is it? Say --lab. The notebooks name: {counts}.")
        asked = known[0]
    try:
        lab = labs.find(asked)
        package_paths(lab.imports)
    except LookupError as error:
        raise UsageError(error.args[0]) from None
    return lab


def check_results(results: Path, lab: Lab) -> None:
    """Refuse a folder with the results of another lab: they would be lost."""
    for path in sorted((results / "graded").glob("*.json"))[:1]:
        other = json.loads(path.read_text("utf-8"))["result"]["lab"]
        if other != lab.name:
            raise UsageError(f"{results} holds the results of {other}. Choose another folder.")


def progress(done: int, total: int, started: float) -> None:
    """Say how far it is: one line that is written over, or one in ten if it goes to a file."""
    if not sys.stderr.isatty():
        if done * 10 // total != (done - 1) * 10 // total:
            print(f"graded {done} of {total}", file=sys.stderr)
        return
    left = (time.monotonic() - started) / done * (total - done)
    bar = ("█" * (done * 30 // total)).ljust(30, "·")
    end = "\n" if done == total else ""
    print(f"\r{bar} {done} of {total}, {left:.0f} s left  ", end=end, file=sys.stderr, flush=True)


def grade(
    submissions: list[Submission], lab: Lab, results: Path, limits: Limits, jobs: int, unsafe: bool
) -> tuple[dict[Submission, Result], list[str]]:
    """Grade what has no kept result, and keep each result; also return what went wrong."""
    settings = f"{lab.digest()} {limits} {unsafe}"
    prints: dict[Submission, str | None] = {}
    for submission in submissions:
        content = digest(submission.path)
        whole = f"{content} {settings}".encode()
        prints[submission] = content and hashlib.sha256(whole).hexdigest()
    all_results = {
        s: report.kept(results, s, prints[s]) if prints[s] else None for s in submissions
    }
    todo = [submission for submission, result in all_results.items() if result is None]
    if len(todo) < len(submissions):
        print(f"{len(submissions) - len(todo)} were graded before and have not changed.")
    problems, started, seconds, peak = [], time.monotonic(), 0.0, 0
    tasks = [(submission.path, lab, limits, unsafe) for submission in todo]
    for count, (index, done, result) in enumerate(run(judge, tasks, jobs), start=1):
        submission = todo[index]
        if done:
            all_results[submission] = result
            seconds, peak = seconds + result.seconds, max(peak, result.peak)
            if prints[submission]:
                report.keep(results, submission, result, prints[submission])
        else:
            print(f"\n{submission.student}:\n{result}", file=sys.stderr)
            problems.append(f"{submission.student}: not graded. {result.strip().splitlines()[-1]}")
        progress(count, len(todo), started)
    if todo:
        took = time.monotonic() - started
        print(
            f"Graded {len(todo)} in {took:.0f} s. The submissions used {seconds / len(todo):.2f} s "
            f"of processor time each, and {peak / MB:.0f} MB of memory at most."
        )
    return {s: r for s, r in all_results.items() if r is not None}, problems


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = arguments(argv)
    results: Path = options.results
    try:
        if options.unsafe_without_sandbox:
            print(UNSAFE, file=sys.stderr)
        if not options.submissions.is_dir():
            raise UsageError(f"{options.submissions} is not a folder.")
        submissions, problems = collect(options.submissions)
        if not submissions:
            listed = "".join(f"\n{line}" for line in problems)
            raise UsageError(f"There is no notebook to grade in {options.submissions}.{listed}")
        check(options.unsafe_without_sandbox)
        if importlib.util.find_spec("otter") is None:
            raise UsageError("otter-grader is missing. Install it: pip install otter-grader")
        lab = find_lab(options.lab, submissions)
        check_results(results, lab)
        limits = replace(LIMITS, seconds=options.time_limit, memory=options.memory_limit * MB)
        graded, failed = grade(
            submissions, lab, results, limits, max(1, options.jobs), options.unsafe_without_sandbox
        )
        problems += failed
        problems += [f"{s.student}: {r.notes[-1]}" for s, r in graded.items() if r.problem]
        warning = UNSAFE if options.unsafe_without_sandbox else None
        report.write(results, lab, graded, problems, warning)
    except (UsageError, NoSandboxError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted. What was graded is kept: run it again to go on.", file=sys.stderr)
        return 130
    except OSError as error:
        print(
            f"\n{error.filename or results} could not be written: {error.strerror}. What was "
            "graded before is kept: make room, and run it again to go on.",
            file=sys.stderr,
        )
        return 3
    for line in problems:
        print(line, file=sys.stderr)
    print(f"{results / 'summary.html'} and {results / 'scores.csv'}")
    return 1 if problems else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
