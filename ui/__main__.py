"""Entry point of ``jiefen``: the window, the command line, or the practice platform."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run what ``argv`` (default: the program's own arguments) asks for; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["sandbox"]:
        from sync.sandbox.__main__ import main as sandbox_main

        return int(sandbox_main(words[1:]) or 0)
    from ui.cli import parser
    from ui.cli.output import Output

    try:
        args = parser.parse(words or ["run"])
    except parser.UsageError as error:
        return Output(as_json="--json" in words).error(error)
    if args.command in parser.WINDOW_COMMANDS:
        from ui.bootstrap import run_window

        return run_window(
            profile=getattr(args, "profile", None),
            practice=args.command == "demo",
            fresh=getattr(args, "fresh", False),
        )
    from ui.cli import run

    return run.run(args, Output(as_json=args.json))


if __name__ == "__main__":
    sys.exit(main())
