#!/usr/bin/env python3
"""Draws changes from the logs of archives, for an eye to judge.

    sample_changes.py BINARY SEED COUNT COLLECTION=ARCHIVE...

Each significance that the archives hold gets at least 30 changes, from each collection alike, or all that there are; the rest
is drawn in proportion. Of a document no more than 3 are drawn for one significance, as long as others are left, so that one that flickers every day
does not fill the sample. The sample is printed as tab-separated values, shuffled and without the program's judgement:
collection, document, from commit, to commit.
"""

import collections
import json
import random
import sys

from support import Recension

LEAST = 30
OF_A_DOCUMENT = 3


def changes(binary, collection, archive):
    """The newest judgement of each change: (collection, document, from commit, to commit) by significance."""
    log = Recension(binary, archive).run("log", "--format", "jsonl").stdout
    commits, newest = {}, {}
    for line in log.splitlines():
        event = json.loads(line)
        fact = event["fact"]
        if event["type"] == "VersionRecorded":
            commits[event["seq"]] = fact["origin"]["commit"]
        elif event["type"] in ("ChangeDetected", "ChangeReassessed"):
            newest[fact["to"]] = (event["document"], fact["from"], fact["significance"])
    for to, (document, base, significance) in sorted(newest.items()):
        yield significance, (collection, document, commits[base], commits[to])


def spread(drawn, generator):
    """Puts changes in an order in which those beyond the first few of a document come last."""
    generator.shuffle(drawn)
    seen, first, rest = collections.Counter(), [], []
    for change in drawn:
        seen[change[:2]] += 1
        (first if seen[change[:2]] <= OF_A_DOCUMENT else rest).append(change)
    return first + rest


def main():
    binary, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    generator = random.Random(seed)
    strata = collections.defaultdict(list)
    for argument in sys.argv[4:]:
        collection, archive = argument.split("=", 1)
        for significance, change in changes(binary, collection, archive):
            strata[significance, collection].append(change)
    sizes = {stratum: len(of) for stratum, of in strata.items()}
    alike = collections.Counter(significance for significance, _ in strata)
    least = {stratum: min(LEAST // alike[stratum[0]], size) for stratum, size in sizes.items()}
    left = max(count - sum(least.values()), 0)
    sample = []
    for stratum in sorted(sizes):
        share = round(left * sizes[stratum] / sum(sizes.values()))
        sample += spread(strata[stratum], generator)[: least[stratum] + share]
    generator.shuffle(sample)
    print("collection\tdocument\tfrom\tto")
    for change in sample:
        print("\t".join(change))
    print(f"{len(sample)} of {sum(sizes.values())}: {dict(sorted(sizes.items()))}", file=sys.stderr)


if __name__ == "__main__":
    main()
