"""Examine the corpora: PYTHONPATH=tests python -m doctor [--set-aside | --store].

Without an option it says what is missed among the patients that were not set aside; with --store it
writes what was found in all of them into the library.
"""

import json
import sys
from pathlib import Path

from doctor.corpus import everyone, results
from xentlib.doctor.scores import confusion_table

RIGHT = {
    "misuse": ("error", "warning"),
    "unclear": ("note",),
    "healthy": ("note", "silent"),
}
DATA = Path(__file__).parents[2] / "xentlib/data/doctor.json"


def main():
    store, aside = ("--store" in sys.argv), ("--set-aside" in sys.argv)
    found = results(p for p in everyone() if store or p.set_aside == aside)
    for result in found:
        (column,) = (name for name, n in confusion_table([result])[result["kind"]].items() if n)
        if column not in RIGHT[result["kind"]]:
            print(result)
    print(len(found), confusion_table(found))
    if store:
        DATA.write_text("[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
