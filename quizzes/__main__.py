"""Write the quizzes for learning platforms: ``python -m quizzes [-o FOLDER]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from quizzes.gift import to_gift
from quizzes.qti import to_package
from quizzes.reading import QuizError, read_all

TOGETHER = "quizzes-qti.zip"


def files() -> dict[str, bytes]:
    """Return every file by its name.

    Canvas' New Quizzes take a package with one quiz only, its Classic Quizzes the one with all.
    """
    quizzes = read_all()
    made = {TOGETHER: to_package(quizzes)}
    for quiz in quizzes:
        made[f"{quiz.stem}.gift"] = to_gift(quiz).encode()
        made[f"{quiz.stem}-qti.zip"] = to_package([quiz])
    return made


def main() -> None:
    """Write the files, or say in a line why not."""
    parser = argparse.ArgumentParser(prog="python -m quizzes", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("dist/quizzes"), metavar="FOLDER")
    output = parser.parse_args().output
    try:
        made = files()
        output.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            (output / name).write_bytes(content)
    except QuizError as error:
        sys.exit(f"The quizzes were not written. {error}")
    except OSError as error:
        sys.exit(f"The quizzes were not written: {error.strerror}: {error.filename}")
    print(f"{len(made)} files in {output}: GIFT for Moodle, QTI 2.1 for Canvas.")


if __name__ == "__main__":
    main()
