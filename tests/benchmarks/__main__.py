"""All measurements, one after the other: ``python3 dev.py bench [quick]``. They never fail; they print."""

from __future__ import annotations

import sys

from tests.benchmarks import first_sync, large_file, lists, papers, queue, start, wire


def main(quick: bool) -> None:
    """``quick`` uses a tenth of the data."""
    print("== start")
    start.main(3 if quick else 5)
    print("== papers")
    papers.main(3 if quick else 10)
    print("== lists and search")
    lists.main(10_000 if quick else 100_000)
    print("== first sync")
    first_sync.main(1_000 if quick else 10_000)
    print("== wire")
    wire.main(500 if quick else 2_000)
    print("== a computer's queue")
    queue.main(200 if quick else 1_000)
    print("== one large file the whole way")
    large_file.main(200 if quick else 2048)


if __name__ == "__main__":
    main("quick" in sys.argv[1:])
