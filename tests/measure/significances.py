#!/usr/bin/env python3
"""Counts how the changes of an archive are judged, and compares that with a crude normalisation of their texts.

    python3 tests/measure/significances.py RECENSION ARCHIVE

Printed are tables of significances by the kind of the commit that brought a version, by the year in which it was
observed, and by what the crude normalisation says. That one sets aside, by regular expressions, white space, the targets
of links, images, dates and the order of lines, and compares each version with those before it of the same document:

 - repeat: the text, byte for byte, is that of an earlier version;
 - noise: normalised, it is the text of the version before or of an earlier one;
 - other: it is neither.

Last are collapses: versions of less than 200 bytes behind one of more, with how many of them were recovered from: a later
version has the normalised text of the one before the collapse.
"""

import collections
import hashlib
import json
import re
import sys

from support import Batch, Recension, table

SIGNIFICANCES = ["substantive", "editorial", "presentational", "reverted", "capture fault", "re-extraction"]
COLLAPSED_BYTES = 200
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
CRUDE = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in [
        r"!\[[^\]]*\]\([^)]*\)",
        r"\]\([^)]*\)",
        r"https?://\S+",
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH},?\s+\d{{4}}\b",
        rf"\b{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b",
        r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b",
    ]
]


def crude(content):
    """The digest of a text without what the crude normalisation sets aside."""
    text = content.decode(errors="replace")
    for pattern in CRUDE:
        text = pattern.sub("", text)
    lines = sorted(filter(None, ("".join(line.split()) for line in text.splitlines())))
    return hashlib.sha256("\n".join(lines).encode()).digest()


def read(program):
    """The versions of each document in the order of the log, and the newest judgement of each change by its version."""
    documents, judged = collections.defaultdict(list), {}
    for line in program.run("log", "--format", "jsonl").stdout.splitlines():
        event = json.loads(line)
        if event["type"] == "VersionRecorded":
            documents[event["document"]].append(event)
        elif event["type"] in ("ChangeDetected", "ChangeReassessed"):
            judged[event["fact"]["to"]] = event["fact"]["significance"]
    return documents, judged


def normalised(program, documents):
    """The digest of the normalised text of each blob."""
    batch = Batch([program.binary, "cat", "--batch"], env=program.environment)
    wanted = {event["fact"]["blob"] for versions in documents.values() for event in versions}
    digests = {}
    for versions in documents.values():
        for blob in (event["fact"]["blob"] for event in versions):
            if blob in wanted:
                wanted.discard(blob)
                digests[blob] = crude(batch.read(blob)[0])
    batch.end()
    return digests


def verdicts(versions, digests):
    """What the crude normalisation says of each version but the first."""
    blobs, seen = set(), set()
    for version in versions:
        blob = version["fact"]["blob"]
        if blobs:
            verdict = "repeat" if blob in blobs else "noise" if digests[blob] in seen else "other"
            yield version, verdict
        blobs.add(blob)
        seen.add(digests[blob])


def collapses(versions, digests):
    """Versions that have lost nearly everything, each with whether a later one has it back."""
    for place in range(1, len(versions)):
        before, fact = versions[place - 1]["fact"], versions[place]["fact"]
        if fact["size_bytes"] < COLLAPSED_BYTES <= before["size_bytes"]:
            later = {digests[version["fact"]["blob"]] for version in versions[place + 1 :]}
            yield versions[place], digests[before["blob"]] in later


def tell(title, counts, order=None):
    rows = [["", *SIGNIFICANCES, "all"]]
    keys = order or sorted(counts)
    total = sum(counts.values(), collections.Counter())
    for name, of in [*((key, counts[key]) for key in keys), ("all", total)]:
        rows.append([name, *(f"{of[one]:,}" for one in SIGNIFICANCES), f"{sum(of.values()):,}"])
    table(title, rows)


def main():
    program = Recension(sys.argv[1], sys.argv[2])
    documents, judged = read(program)
    digests = normalised(program, documents)
    kinds, years, crudely, fallen = (collections.defaultdict(collections.Counter) for _ in range(4))
    for versions in documents.values():
        for version, verdict in verdicts(versions, digests):
            significance = judged.get(version["seq"])
            if significance:
                kinds[version["fact"]["origin"]["commit_kind"]][significance] += 1
                years[version["observed_at"][:4]][significance] += 1
                crudely[verdict][significance] += 1
        for version, is_back in collapses(versions, digests):
            if significance := judged.get(version["seq"]):
                fallen["recovered" if is_back else "not recovered"][significance] += 1
    tell("By commit kind", kinds)
    tell("By year", years)
    tell("By what a crude normalisation says", crudely, ["repeat", "noise", "other"])
    tell(f"Collapses to less than {COLLAPSED_BYTES} bytes", fallen)


if __name__ == "__main__":
    main()
