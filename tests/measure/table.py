#!/usr/bin/env python3
"""Measures an archive beside git on the same history: size, reading, answers, ingest, growth.

    python3 tests/measure/table.py RECENSION HISTORY [--rounds N] [--reads N] [--questions N] [--seed N]

RECENSION is the program (target/release/recension), HISTORY a bundle, a bare repository or a work tree with versions or
with snapshots of documents. Everything is made in a temporary folder (TMPDIR says where: use a disk). What is timed is
repeated in --rounds (5) rounds, git's turn after the archive's in each, and the median is printed; what is read is in
the system's cache for both.

 - size: the stored bytes of the contents, in frames and in git's pack as it was fetched; and all files of both;
 - ingest: the whole import, durable, signed, with its views; git's is a bare clone, which copies and checks a pack;
 - reading: --reads (1,000) blobs chosen anew in each round, in the same order, asked one by one of `recension cat --batch`
   and of `git cat-file --batch`, each a process that has answered a few before; before and after `recension compact`;
 - answers: `show --as-of` against `git rev-list -1 --before` and `git show`, each question in new processes; and the list
   of all documents as of a date against `git rev-list` and `git ls-tree`;
 - growth: the history is imported in four parts, each by a process of its own; the last is compared with the first by
   the time for a version and for a megabyte, and by peak memory.

It judges no figure. What it checks is that both give the same bytes, and a difference counts as a failure; exact.py
compares every blob.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import statistics
import tempfile

from support import (
    SNAPSHOT, Batch, History, Recension, Score, ask_git, git, megabytes, milliseconds, questions, rfc3339,
    table, timed,
)  # fmt: skip

WARMING = 20
PARTS = 4


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("history")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reads", type=int, default=1000)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def size_of(folder):
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def of(ours, theirs):
    return f"{ours / theirs:.3f}" if theirs else ""


class Table:
    """The rows: what, the archive's, git's, and the archive's over git's."""

    def __init__(self):
        self.rows = [["what", "archive", "git", "archive / git"]]

    def row(self, what, archive, theirs="", ratio=""):
        self.rows.append([what, archive, theirs, ratio])

    def bytes(self, what, ours, theirs):
        self.row(what, megabytes(ours), megabytes(theirs), of(ours, theirs))

    def times(self, what, ours, theirs):
        self.row(what, milliseconds(ours), milliseconds(theirs), of(statistics.median(ours), statistics.median(theirs)))


class Measured:
    """A history, git's repository of it, and a folder for archives."""

    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        # A clone of its own, whose branch can be moved, with its pack as it was fetched.
        self.repository = os.path.join(folder, "git")
        self.cloning = [self.clone() for _ in range(args.rounds)]
        self.history = History(self.repository)
        self.kind = "versions"
        if not self.history.versions:
            self.history = History(self.repository, SNAPSHOT)
            self.kind = "snapshots"
        self.blobs = sorted({blob for _, _, blob, _ in self.history.versions})

    def clone(self):
        """Clones the history, and returns the seconds and the peak memory in bytes."""
        shutil.rmtree(self.repository, ignore_errors=True)
        source = os.path.abspath(self.args.history)
        command = ["git", "-c", "init.defaultBranch=main", "clone", "-q", "--bare", "--no-local", source, self.repository]
        _, seconds, usage = timed(command)
        return seconds, usage.ru_maxrss * 1024

    def archive(self, name):
        recension = Recension(self.args.binary, os.path.join(self.folder, name))
        shutil.rmtree(recension.archive, ignore_errors=True)
        recension.run("init", recension.archive)
        return recension

    def imported(self, recension, source):
        """Imports, and returns the report, the seconds and the peak memory in bytes."""
        done, seconds, usage = recension.timed("import", f"ota-{self.kind}", source, "--format", "json")
        return json.loads(done.stdout), seconds, usage.ru_maxrss * 1024


def stored(recension):
    return json.loads(recension.run("stats", "--format", "json").stdout)["stored_bytes"]


def ingest(rows, measured):
    """Imports the whole history, and returns the last archive."""
    runs = []
    for _ in range(measured.args.rounds):
        recension = measured.archive("archive")
        runs.append(measured.imported(recension, measured.args.history))
    seconds = statistics.median(seconds for _, seconds, _ in runs)
    cloned = statistics.median(seconds for seconds, _ in measured.cloning)
    raw = runs[0][0]["content_bytes"]
    versions = runs[0][0]["counts"][measured.kind]
    rows.row(f"{measured.kind}", f"{versions:,}", f"{len(measured.history.versions):,}")
    rows.row("raw content read", megabytes(raw))
    rows.row("ingest of it (git: clone)", f"{megabytes(raw / seconds)}/s", f"{megabytes(raw / cloned)}/s", of(cloned, seconds))
    rows.row("  its time", f"{seconds:.2f} s", f"{cloned:.2f} s", of(seconds, cloned))
    rows.bytes("  its peak memory", max(peak for *_, peak in runs), max(peak for _, peak in measured.cloning))
    return recension


def names_of(recension, sha256):
    """The archive's names of git's blobs, found by the SHA-256 that events give."""
    names = {}
    for line in recension.run("export", "events").stdout.splitlines():
        fact = json.loads(line)["fact"]
        if "sha256" in fact:
            names[fact["sha256"]] = fact["blob"]
    return {blob: names[digest] for blob, digest in sha256.items()}


def reading(rows, score, measured, recension, names, what):
    """Random reads in processes that answer one question after another."""
    chance = random.Random(measured.args.seed)
    ours, theirs = [], []
    command = [recension.binary, "cat", "--batch"]
    ask = ["git", "--git-dir", measured.repository, "cat-file", "--batch"]
    for _ in range(measured.args.rounds):
        count = min(measured.args.reads + WARMING, len(measured.blobs))
        chosen = chance.sample(measured.blobs, count)
        warming = min(WARMING, count // 2)
        archive, repository = Batch(command, env=recension.environment), Batch(ask)
        found = [archive.read(names[blob]) for blob in chosen]
        ours += [spent for _, spent in found[warming:]]
        for position, (blob, (content, _)) in enumerate(zip(chosen, found, strict=True)):
            expected, spent = repository.read(blob)
            score.check(content == expected, f"blob {blob} differs")
            if position >= warming:
                theirs.append(spent)
        score.check((archive.end(), repository.end()) == (0, 0), "a batch ended with another code than 0")
    rows.times(f"random read of {len(ours):,}, {what}", ours, theirs)


def answers(rows, score, measured, recension):
    """Questions as of an instant, each in processes of its own."""
    asked = questions(measured.history, measured.args.seed, measured.args.questions * measured.args.rounds)
    ours, theirs = [], []
    for document, instant in asked:
        done, seconds, _ = recension.timed("show", document, "--as-of", rfc3339(instant), "--format", "raw")
        ours.append(seconds * 1000)
        spent, content = ask_git(measured.repository, document, instant)
        theirs.append(spent)
        # Git's rule goes by the times of committers and along the history's lines, the archive's by those of authors.
        if content is not None:
            score.check(len(done.stdout) > 0 or content == b"", f"{document} as of {rfc3339(instant)}: no text")
    rows.times(f"show --as-of, {len(ours)} processes", ours, theirs)
    ours, theirs = [], []
    for _, instant in asked[: max(5, measured.args.rounds)]:
        done, seconds, _ = recension.timed("documents", "--as-of", rfc3339(instant), "--format", "jsonl")
        ours.append(seconds * 1000)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        score.check(sorted(line["document"] for line in lines) == measured.history.documents, "the documents are others")
        score.check(all(line["blob"] for line in lines if line["found"]), "a version has no hash")
        repository = ["git", "--git-dir", measured.repository]
        done, seconds, _ = timed([*repository, "rev-list", "-1", f"--before={rfc3339(instant)}", "HEAD"])
        commit = done.stdout.decode().strip()
        theirs.append(seconds * 1000)
        if commit:
            theirs[-1] += timed([*repository, "ls-tree", "-r", commit])[1] * 1000
    rows.times(f"all {len(measured.history.documents)} documents as of a date", ours, theirs)


def growth(rows, measured):
    """Imports the history in parts, and compares the last with the first."""
    line = git(measured.repository, "rev-list", "--first-parent", "--reverse", "HEAD").decode().split()
    ends = [line[len(line) * part // PARTS - 1] for part in range(1, PARTS + 1)] if len(line) >= PARTS else []
    branch = git(measured.repository, "symbolic-ref", "HEAD").decode().strip()
    by_version, by_megabyte, memory = [], [], []
    for _ in range(measured.args.rounds if ends else 0):
        recension = measured.archive("parts")
        runs = []
        for end in ends:
            git(measured.repository, "update-ref", branch, end)
            report, seconds, peak = measured.imported(recension, measured.repository)
            runs.append((report["counts"][measured.kind], report["content_bytes"], seconds, peak))
        first, last = runs[0], runs[-1]
        if first[0] and last[0] and first[1] and last[1]:
            by_version.append((last[2] / last[0]) / (first[2] / first[0]))
            by_megabyte.append((last[2] / last[1]) / (first[2] / first[1]))
            memory.append(last[3] / first[3])
    for what, ratios in [("time for a version", by_version), ("time for a megabyte", by_megabyte), ("peak memory", memory)]:
        shown = f"{statistics.median(ratios):.2f}x" if ratios else "too few commits"
        rows.row(f"growth: {what}, last quarter / first", shown)


def main():
    args = arguments()
    score, rows = Score(), Table()
    rows.row("load of the machine before", f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="recension-table-") as folder:
        measured = Measured(args, folder)
        recension = ingest(rows, measured)
        check = git(measured.repository, "cat-file", "--batch-check=%(objectsize:disk)", input="\n".join(measured.blobs).encode())
        in_pack = sum(int(size) for size in check.split())
        sha256 = {blob: hashlib.sha256(content).hexdigest() for blob, content in measured.history.blobs(measured.blobs)}
        names = names_of(recension, sha256)
        rows.bytes("blobs on arrival (git: in its pack)", stored(recension), in_pack)
        reading(rows, score, measured, recension, names, "on arrival")
        if measured.kind == "versions":
            answers(rows, score, measured, recension)
        compacted = recension.timed("compact")[1]
        rows.bytes("blobs after compact", stored(recension), in_pack)
        rows.row("  the compaction's time", f"{compacted:.1f} s")
        rows.bytes("all files after compact", size_of(recension.archive), size_of(measured.repository))
        reading(rows, score, measured, recension, names, "after compact")
        growth(rows, measured)
    rows.row("load of the machine after", f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    table(f"An archive and git with {os.path.basename(args.history)}", rows.rows)
    score.finish()


if __name__ == "__main__":
    main()
