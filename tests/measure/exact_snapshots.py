#!/usr/bin/env python3
"""Compares the snapshots of an archive with what git says of the same history.

    python3 tests/measure/exact_snapshots.py RECENSION HISTORY [--read N] [--seed N] [--archive DIR]

RECENSION is the program (target/release/recension), HISTORY a bundle, a bare repository or a work tree with snapshots of
documents. The history is imported into a new archive in a temporary folder (TMPDIR says where; about as large as the
distinct snapshots compressed), or --archive names one that holds nothing but this history. Then:

 a. every file `<platform>/<type>[ #part].html`, `.pdf` and so on that a commit adds or modifies is an event of the
    archive: a snapshot, or an observation of the snapshot before it where the bytes are the same; and no other is. Its
    document, part, media type and time are those of path and commit, its SHA-256 and length those of the bytes that git
    holds;
 b. `verify` reads every stored content and finds the SHA-256 and length of its event: with (a), every snapshot that is
    read back has git's bytes. N of them (default 500, 0 for all) are also read by `show --event SEQ --format raw` and
    compared byte for byte;
 c. the counts add up, a second import appends nothing, and there is no version and no look.

Git is asked through its own program, and never through the archive's reading of the history.
"""

import argparse
import hashlib
import json
import os
import random
import tempfile

from support import SNAPSHOT, History, Recension, Score, repository_of, rfc3339, table

MEDIA_TYPES = {
    "html": "text/html", "pdf": "application/pdf", "xhtml": "application/xhtml+xml", "txt": "text/plain",
    "xml": "application/xml", "json": "application/json", "rtf": "application/rtf",
    "odt": "application/vnd.oasis.opendocument.text", "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("history")
    parser.add_argument("--read", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--archive")
    return parser.parse_args()


def named(path):
    """The document, the part and the media type that a path stands for."""
    stem, _, ending = path.rpartition(".")
    whole, mark, part = stem.rpartition(" #")
    document, part = (whole, part) if mark and whole.rpartition("/")[2].strip() and part.strip() else (stem, None)
    return document, part, MEDIA_TYPES[ending]


def events(recension, kind):
    with tempfile.TemporaryFile() as out:
        child = recension.start("export", "events", stdout=out)
        assert child.wait() == 0
        out.seek(0)
        for line in out:
            event = json.loads(line)
            if event["type"] == kind:
                yield event


def every_snapshot(score, recension, history, sha256):
    """(a) Events against git. Returns the events of the snapshots with the blob that git has for each."""
    snapshots = {}
    for event in events(recension, "SnapshotRecorded"):
        fact = event["fact"]
        key = (event["document"], fact["part"], fact["media_type"], fact["origin"]["commit"])
        score.check(key not in snapshots, f"recorded twice: {key}")
        snapshots[key] = event
    observed = {}
    for event in events(recension, "ObservationsRecorded"):
        for one in event["fact"]["observations"]:
            observed.setdefault((one["document"], one["observed_at"]), []).append(one["snapshot_seq"])
    found, before, unchanged = [], {}, 0
    for path, (_, commit, blob, at) in zip(history.paths, history.versions, strict=True):
        file = named(path)
        if before.get(file, (None, None))[0] == blob:
            unchanged += 1
            seqs = observed.get((file[0], rfc3339(at)), [])
            seen = before[file][1] in seqs
            score.check(seen, f"{path} in commit {commit}: no observation of event {before[file][1]}")
            if seen:
                seqs.remove(before[file][1])
            continue
        event = snapshots.pop((*file, commit), None)
        fact = event and event["fact"]
        same = event and (fact["sha256"], fact["size_bytes"], event["observed_at"]) == (*sha256[blob], rfc3339(at))
        score.check(same, f"{path} in commit {commit}: {event}")
        if event:
            before[file] = (blob, event["seq"])
            found.append((event["seq"], blob))
    score.check(not snapshots, f"{len(snapshots)} snapshots are not in git: {list(snapshots)[:3]}")
    left = sum(len(seqs) for seqs in observed.values())
    score.check(left == 0, f"{left} observations are of nothing in git")
    return found, unchanged


def read_back(score, recension, history, found, args):
    """(b) Bytes against git's, one by one."""
    chosen = found
    if 0 < args.read < len(found):
        chosen = random.Random(args.seed).sample(found, args.read)
    read = 0
    for seq, blob in chosen:
        raw = recension.run("show", "--event", str(seq), "--format", "raw").stdout
        read += len(raw)
        # Git's name of a blob is the SHA-1 of its bytes.
        name = hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()
        score.check(name == blob, f"the bytes of event {seq} are {name}, git has {blob}")
    return [["snapshots read by `show --event` and compared byte for byte", len(chosen)], ["  bytes read", f"{read:,}"]]


def main():
    args = arguments()
    score = Score()
    with tempfile.TemporaryDirectory(prefix="recension-exact-") as folder:
        history = History(repository_of(args.history, folder), SNAPSHOT)
        sha256 = {
            blob: (hashlib.sha256(content).hexdigest(), len(content))
            for blob, content in history.blobs(dict.fromkeys(blob for _, _, blob, _ in history.versions))
        }
        recension = Recension(args.binary, args.archive or os.path.join(folder, "archive"))
        command = ("import", "ota-snapshots", args.history, "--format", "json")
        if not args.archive:
            recension.run("init", recension.archive)
        summary = json.loads(recension.run(*command).stdout)
        if args.archive:
            of = next(events(recension, "HistoryImported"))["fact"]["counts"]
        else:
            of = summary["counts"]
        found, unchanged = every_snapshot(score, recension, history, sha256)
        expected = {
            "commits": len(history.commits),
            "merges": history.merges,
            "commits_without_document": history.without_document,
            "snapshots": len(history.versions) - unchanged,
            "unchanged": unchanged,
            "versions": 0,
            "documents": len({named(path)[0] for path in history.paths}),
            "parts": len({named(path)[:2] for path in history.paths if named(path)[1] is not None}),
            "left_out": 0,
            "empty_texts": sum(sha256[blob][1] == 0 for _, _, blob, _ in history.versions),
            "other_files": history.other_files,
        }
        for name, number in expected.items():
            score.check(of[name] == number, f"the import counts {of[name]} {name}, git has {number}")
        gone = of["deleted"] + of["renamed"]
        score.check(gone == history.deletions, f"{gone} deleted or renamed, git deletes {history.deletions}")
        stats = json.loads(recension.run("stats", "--format", "json").stdout)
        distinct = {sha256[blob] for _, _, blob, _ in history.versions}
        for name, number in [
            ("versions", 0),
            ("looks", 0),
            ("snapshots", expected["snapshots"]),
            ("snapshot_blobs", len(distinct)),
            ("snapshot_bytes", sum(size for _, size in distinct)),
        ]:
            score.check(stats[name] == number, f"stats count {stats[name]} {name}, {number} expected")
        again = json.loads(recension.run(*command).stdout)
        score.check(again["appended"] == 0, f"a second import appends: {again}")
        report = json.loads(recension.run("verify", "--format", "json", codes=(0, 1)).stdout)
        score.check(report["clean"], f"verify: {report['findings'][:5]}")
        score.check(report["blobs"] == len(distinct), f"verify reads {report['blobs']} contents, git has {len(distinct)}")
        table("Counts (import = git)", [[name, number] for name, number in expected.items()])
        rows = [
            ["snapshots in git, each compared by SHA-256, length, time, document and part", len(found)],
            ["contents read back by `verify`, each with that SHA-256", report["blobs"]],
            ["  bytes", f"{report['content_bytes']:,}"],
        ]
        table("Every snapshot", rows + read_back(score, recension, history, found, args))
    score.finish()


if __name__ == "__main__":
    main()
