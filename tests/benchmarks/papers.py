"""How long a paper takes: ``python -m tests.benchmarks.papers``. Target: 25 ms a page when warm."""

from __future__ import annotations

import io
import statistics
import time

from pypdf import PdfReader

from app.documents.forms import all_forms
from app.documents.render import render_pdf, render_word
from app.documents.values import values_for
from tests.helpers import papers


def main(rounds: int = 10) -> None:
    """Prints milliseconds a page, warm, for each form; values changed each round so nothing is cached."""
    worst = 0.0
    for form_id, form in all_forms().items():
        file = papers.files().get(form_id, papers.case_file())
        times, words = [], []
        pages = 1
        for turn in range(rounds + 1):
            context = papers.context(number=f"第{turn}号")
            start = time.perf_counter()
            values = values_for(form_id, file, context)
            pdf = render_pdf(form, values, context)
            middle = time.perf_counter()
            render_word(form, values, context)
            if turn:
                times.append((middle - start) * 1000)
                words.append((time.perf_counter() - middle) * 1000)
            pages = len(PdfReader(io.BytesIO(pdf)).pages)
        a_page = statistics.median(times) / pages
        worst = max(worst, a_page)
        print(f"{form_id}  {a_page:6.1f} ms/page  {pages} page(s)  Word {statistics.median(words):6.1f} ms")
    print(f"worst {worst:.1f} ms/page, target 25.0: ratio {worst / 25:.2f}")


if __name__ == "__main__":
    main()
