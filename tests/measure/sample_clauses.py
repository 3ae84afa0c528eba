#!/usr/bin/env python3
"""Chooses clauses of real documents to be labelled by eye, and writes references to them.

    sample_clauses.py RECENSION CLONE... --seed 7 --by-kind 5 --random 240 > references.jsonl

Each CLONE is a bare clone of a history of versions of a collection. Of every document the newest
text is divided into clauses by the program; clauses are drawn by document type and, for --by-kind, by the kinds that the
program tells, so that rare kinds are among them. The text of a clause is written with its reference, for whoever labels;
--references leaves it out, which is the form that is kept.
"""
import argparse, hashlib, json, random, re, subprocess, sys
from collections import defaultdict
from pathlib import Path

COMMON = set("the and of to you your we our or in for with that any not may this are by is be as on".split())

def run(*args, data=None):
    return subprocess.run(args, input=data, capture_output=True, check=True).stdout

def documents(clone):
    head = run("git", "-C", clone, "rev-parse", "HEAD").decode().strip()
    names = run("git", "-C", clone, "ls-tree", "-r", "-z", "--name-only", head).decode().split("\0")
    return head, [name for name in names if name.endswith(".md") and name.count("/") == 1]

def is_english(text):
    words = re.findall(r"[a-z]+", text.lower())
    return len(words) >= 6 and sum(word in COMMON for word in words) / len(words) > 0.2

def clauses(recension, clone, head, name):
    text = run("git", "-C", clone, "show", f"{head}:{name}")
    found = run(recension, "classify", "--format", "jsonl", "-", data=text).decode().splitlines()
    for line in found:
        clause = json.loads(line)
        if 40 <= len(clause["text"]) <= 700 and is_english(clause["text"]) and clause.get("heading") != clause["text"]:
            yield {
                "corpus": Path(clone).name.removesuffix(".git"), "commit": head, "path": name, "span": clause["span"],
                "document_type": Path(name).stem, "heading": clause.get("heading"), "text": clause["text"],
                "_kinds": [one["kind"] for one in clause["provisions"]],
            }

def main():
    args = argparse.ArgumentParser()
    args.add_argument("recension"); args.add_argument("clones", nargs="+")
    args.add_argument("--seed", type=int, default=7)
    args.add_argument("--by-kind", type=int, default=5)
    args.add_argument("--random", type=int, default=240)
    args.add_argument("--documents", type=int, default=220)
    args.add_argument("--references", action="store_true")
    args = args.parse_args()
    chance = random.Random(args.seed)
    by_type, seen, pool = defaultdict(list), set(), []
    for clone in args.clones:
        head, names = documents(clone)
        for name in names:
            by_type[Path(name).stem].append((clone, head, name))
    for one in by_type.values():
        chance.shuffle(one)
    chosen, types = [], sorted(by_type)
    while len(chosen) < args.documents and any(by_type.values()):
        chosen += [by_type[kind].pop() for kind in types if by_type[kind]]
    for one in chosen[: args.documents]:
        for clause in clauses(args.recension, *one):
            digest = hashlib.sha256(clause["text"].encode()).digest()
            if digest not in seen:
                seen.add(digest)
                pool.append(clause)
    chance.shuffle(pool)
    by_kind, taken, types = defaultdict(list), [], defaultdict(list)
    for place, clause in enumerate(pool):
        types[clause["document_type"]].append(place)
        for kind in clause["_kinds"]:
            by_kind[kind].append(place)
    used = set()
    for kind in sorted(by_kind):
        for place in [one for one in by_kind[kind] if one not in used][: args.by_kind]:
            used.add(place)
    left = args.random
    while left > 0 and any(types.values()):
        for kind in sorted(types):
            while types[kind]:
                place = types[kind].pop()
                if place not in used:
                    used.add(place)
                    left -= 1
                    break
    taken = [pool[place] for place in sorted(used)]
    chance.shuffle(taken)
    for number, clause in enumerate(taken):
        clause["id"] = number
        clause["part"] = "test" if number % 2 else "development"
        del clause["_kinds"]
        if args.references:
            del clause["text"], clause["heading"]
        print(json.dumps(clause, ensure_ascii=False, sort_keys=True))

if __name__ == "__main__":
    main()
