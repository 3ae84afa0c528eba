#!/usr/bin/env python3
"""Names the patterns of the training set that say as many words in a row as a document of a public collection.

    copied.py CLONE... --patterns data/training/*.txt [--words 12] [--drop]

Each CLONE is a bare clone of a history of versions; the newest text of every document is read. All clauses that a pattern
stands for are looked at. --drop takes the lines out of the files: the training set holds no sentences of others.
"""
import argparse, re, sys
from pathlib import Path

from support import git

MOST = 8  # clauses of a pattern, as the trainer draws them (src/classify/expand.rs)

def words(text):
    return re.findall(r"[\w']+", re.sub(r"[0-9]+", "0", text.lower().replace("’", "'")).replace("_", " "))

def runs(words, length):
    return (hash(tuple(words[at:at + length])) for at in range(len(words) - length + 1))

def texts(clone):
    listed = git(clone, "ls-tree", "-r", "-z", "--name-only", "HEAD")
    names = [name for name in listed.decode().split("\0") if name.endswith(".md")]
    asked = "".join(f"HEAD:{name}\n" for name in names if "\n" not in name).encode()
    told, at = git(clone, "cat-file", "--batch", input=asked), 0
    while at < len(told):
        end = told.index(b"\n", at)
        head = told[at:end].split(b" ")
        if head[-1] == b"missing":
            at = end + 1
            continue
        size = int(head[2])
        yield told[end + 1:end + 1 + size].decode("utf-8", "replace")
        at = end + 2 + size

def clauses(pattern):
    pieces = [piece.split("|") if place % 2 else [piece] for place, piece in enumerate(re.split(r"\{([^}]*)\}", pattern))]
    for number in range(MOST):
        turn, slot, clause = number, 0, []
        for piece in pieces:
            if len(piece) > 1:
                slot += 1
                turn += number * slot
            clause.append(piece[turn % len(piece)])
        yield "".join(clause).split(" :: ", 1)[-1]

def main():
    args = argparse.ArgumentParser()
    args.add_argument("clones", nargs="+")
    args.add_argument("--patterns", nargs="+", type=Path, required=True)
    args.add_argument("--words", type=int, default=12)
    args.add_argument("--drop", action="store_true")
    args = args.parse_args()
    known = set()
    for clone in args.clones:
        for text in texts(clone):
            for line in re.sub(r"\]\([^)]*\)", "]", text).split("\n"):
                known.update(runs(words(line), args.words))
    found = 0
    for file in args.patterns:
        kept = []
        for number, line in enumerate(file.read_text().splitlines(), 1):
            is_pattern = line.strip() and line.strip()[0] not in "#="
            if is_pattern and any(run in known for clause in clauses(line.strip()) for run in runs(words(clause), args.words)):
                found += 1
                print(f"{file}:{number}: {line.strip()[:120]}")
            else:
                kept.append(line)
        if args.drop:
            file.write_text("\n".join(kept) + "\n")
    print(f"{found} patterns", file=sys.stderr)
    return 1 if found and not args.drop else 0

if __name__ == "__main__":
    sys.exit(main())
