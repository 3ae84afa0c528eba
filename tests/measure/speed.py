#!/usr/bin/env python3
"""Measures import, answers, replay and verification, and compares answers with git's in the same run.

    python3 tests/measure/speed.py RECENSION HISTORY [--questions N] [--git-questions N] [--seed N]

RECENSION is the program (target/release/recension), HISTORY a bundle, a bare repository or a work tree with versions
of documents. The archive is made in a temporary folder (TMPDIR says where; it decides what is measured: use a disk).

Every question is a process of its own: `recension show DOCUMENT --as-of INSTANT --format raw` against
`git rev-list -1 --before=INSTANT HEAD -- FILE` followed by `git show COMMIT:FILE`, on a bare clone with git's own
commit-graph and packs as they come. The files are in the system's cache for both. Nothing else should run meanwhile:
what is measured is the time on the wall, from the start of a process to its end. The processor time beside it tells
how much of that was work, where the machine was not at rest after all; it is no measure of a target.

A target that is missed counts as a failure.
"""

import argparse
import json
import os
import resource
import statistics
import tempfile
import time

from support import (
    History, Recension, Score, ask_git, megabytes, milliseconds, processor, questions, repository_of, rfc3339, table,
)  # fmt: skip

IMPORT_SECONDS = 150
IMPORT_PEAK_BYTES = 400e6
SHOW_MEDIAN_MS = 15
SHOW_RATIO = 20
REPLAY_EVENTS_PER_SECOND = 300_000
VERIFY_BYTES_PER_SECOND = 400e6


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("history")
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--git-questions", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    args = arguments()
    score = Score()
    rows = [["what", "measured", "target", "", "processor time"]]

    def row(what, measured, target=None, holds=True, work=""):
        if target is not None:
            score.check(holds, f"{what}: {measured}, target {target}")
        rows.append([what, measured, target or "", "" if target is None else "ok" if holds else "MISSED", work])

    row("load of the machine before", f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")

    with tempfile.TemporaryDirectory(prefix="recension-speed-") as folder:
        repository = repository_of(args.history, folder)
        history = History(repository)
        recension = Recension(args.binary, os.path.join(folder, "archive"))
        recension.run("init", recension.archive)
        done, seconds, usage = recension.timed("import", "ota-versions", args.history, "--format", "json")
        summary = json.loads(done.stdout)
        peak = usage.ru_maxrss * 1024
        row("import, wall", f"{seconds:.1f} s", f"<= {IMPORT_SECONDS} s", seconds <= IMPORT_SECONDS, f"{processor(usage):.1f} s")
        row("import, peak memory", megabytes(peak), f"<= {megabytes(IMPORT_PEAK_BYTES)}", peak <= IMPORT_PEAK_BYTES)
        row("  versions", f"{summary['counts']['versions']:,}")
        row("  text read", f"{megabytes(summary['content_bytes'])}, {megabytes(summary['content_bytes'] / seconds)}/s")
        stats = json.loads(recension.run("stats", "--format", "json").stdout)
        for file, size in stats["files"]:
            if file.endswith(".sqlite"):
                row(f"  {file}", megabytes(size))

        asked = questions(history, args.seed, max(args.questions, args.git_questions))
        shown, work = [], []
        for document, instant in asked[: args.questions]:
            _, seconds, usage = recension.timed("show", document, "--as-of", rfc3339(instant), "--format", "raw")
            shown.append(seconds * 1000)
            work.append(processor(usage) * 1000)
        before = processor(resource.getrusage(resource.RUSAGE_CHILDREN))
        gits = [ask_git(repository, *question)[0] for question in asked[: args.git_questions]]
        of_git = (processor(resource.getrusage(resource.RUSAGE_CHILDREN)) - before) * 1000 / len(gits)
        same = shown[: len(gits)]
        median, ratio = statistics.median(shown), statistics.median(gits) / statistics.median(same)
        row(f"show, {len(shown)} processes", milliseconds(shown), f"median <= {SHOW_MEDIAN_MS} ms", median <= SHOW_MEDIAN_MS, milliseconds(work))
        row(f"  git, the first {len(gits)} of them", milliseconds(gits), work=f"mean {of_git:.2f} ms")
        row("  git / show, medians of the same", f"{ratio:.1f}x", f">= {SHOW_RATIO}x", ratio >= SHOW_RATIO)
        lines = "".join(json.dumps({"document": d, "as_of": rfc3339(i)}) + "\n" for d, i in asked[: args.questions])
        began = time.perf_counter()
        recension.run("show", "--batch", "-", input=lines.encode())
        row("  the same in one --batch", f"{(time.perf_counter() - began) * 1000 / len(shown):.3f} ms each")

        _, compared, _ = min((recension.timed("rebuild") for _ in range(5)), key=lambda run: run[1])
        runs = []
        for _ in range(9):
            os.remove(os.path.join(recension.archive, "views.sqlite"))
            runs.append(recension.timed("rebuild")[1:])
        seconds, usage = min(runs, key=lambda run: run[0])
        rate = stats["events"] / seconds
        target = f">= {REPLAY_EVENTS_PER_SECOND:,} events/s"
        holds = rate >= REPLAY_EVENTS_PER_SECOND
        row("replay: rebuild without views, best of 9", f"{rate:,.0f} events/s", target, holds, f"{processor(usage):.3f} s")
        row("  its time, from start to end of the process", f"{seconds:.3f} s for {stats['events']:,} events")
        row("  the same, compared with the views before", f"{compared:.3f} s")
        runs = [recension.timed("verify", "--format", "json") for _ in range(3)]
        report = json.loads(runs[0][0].stdout)
        _, seconds, usage = min(runs, key=lambda run: run[1])
        rate = report["content_bytes"] / seconds
        target = f">= {megabytes(VERIFY_BYTES_PER_SECOND)}/s"
        row("verify, best of 3", f"{megabytes(rate)}/s", target, rate >= VERIFY_BYTES_PER_SECOND, f"{processor(usage):.2f} s")
        row("  its time", f"{seconds:.2f} s for {megabytes(report['content_bytes'])}")
    table(f"Speed with {os.path.basename(args.history)}", rows)
    score.finish()


if __name__ == "__main__":
    main()
