#!/usr/bin/env python3
"""Compares what an archive answers with what git says of the same history.

    python3 tests/measure/exact.py RECENSION HISTORY [--seed N] [--questions N]

RECENSION is the program (target/release/recension), HISTORY a bundle, a bare repository or a work tree with versions
of documents. The history is imported into a new archive in a temporary folder (TMPDIR says where), then:

 a. every version that git has (each file `<platform>/<type>.md` that a commit adds or modifies) is an event of the
    archive, and no other version is; its time is the commit's author time; its SHA-256 and length are those of the bytes
    that git holds; `verify` finds the archive clean, which says that each stored text has these hashes; and every version
    that any instant can ask for is read and its bytes compared with git's;
 b. random questions as of random instants get the version that git's author times choose, the later in the history
    where times are equal, and none before the first; one in five is asked again of `show --format raw`;
 c. the counts add up, a second import appends nothing, and views that are built again are the same.

Git is asked through its own program, and never through the archive's reading of the history.
"""

import argparse
import bisect
import hashlib
import json
import os
import random
import tempfile
import threading

from support import History, Recension, Score, repository_of, rfc3339, table


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("history")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--questions", type=int, default=1000)
    return parser.parse_args()


def ask(recension, questions):
    """Yields the answers of `show --batch` one by one, while the questions are still being written."""
    child = recension.start("show", "--batch", "-", "--with-text", stdin=-1, stdout=-1)

    def write():
        for document, instant in questions:
            line = json.dumps({"document": document, "as_of": instant})
            child.stdin.write(line.encode() + b"\n")
        child.stdin.close()

    writer = threading.Thread(target=write)
    writer.start()
    for line in child.stdout:
        yield json.loads(line)
    writer.join()
    child.wait()


def events(recension):
    out = recension.run("export", "events").stdout
    return [json.loads(line) for line in out.splitlines()]


def oracle(history):
    """For each document, its author times in order and the versions that they choose; ties keep the history's order."""
    by_document = {}
    for document, commit, blob, at in history.versions:
        by_document.setdefault(document, []).append((at, commit, blob))
    return {
        document: sorted(versions, key=lambda version: version[0]) for document, versions in by_document.items()
    }


def chosen(versions, instant):
    position = bisect.bisect_right(versions, instant, key=lambda version: version[0])
    return versions[position - 1] if position else None


def every_version(score, recension, history, known, sha256):
    """(a) Events against git, then bytes against git."""
    versions = {}
    for event in events(recension):
        if event["type"] == "VersionRecorded":
            versions[event["document"], event["fact"]["origin"]["commit"]] = event
    of_git = {(document, commit) for document, commit, *_ in history.versions}
    score.check(set(versions) == of_git, f"versions differ: {len(set(versions) ^ of_git)} are on one side only")
    for document, commit, blob, at in history.versions:
        event = versions.get((document, commit))
        fact = event and event["fact"]
        same = event and (fact["sha256"], fact["size_bytes"], event["observed_at"]) == (*sha256[blob], rfc3339(at))
        score.check(same, f"{document} in commit {commit}: {event}")
    asked = sorted({(document, at) for document, _, _, at in history.versions})
    read = others = 0
    distinct = set()
    questions = ((document, rfc3339(at)) for document, at in asked)
    for (document, at), answer in zip(asked, ask(recension, questions), strict=True):
        _, commit, blob = chosen(known[document], at)
        if "error" in answer:
            # Only a text that is not UTF-8 can't stand in JSON.
            raw = recension.run("show", document, "--as-of", rfc3339(at), "--format", "raw").stdout
            others += 1
        else:
            raw = answer["text"].encode()
        read += len(raw)
        distinct.add(blob)
        same = (hashlib.sha256(raw).hexdigest(), len(raw)) == sha256[blob]
        score.check(same, f"the bytes of {document} as of {rfc3339(at)} are not those of {blob} (commit {commit})")
    hidden = len(history.versions) - len(asked)
    return [
        ["versions in git, each compared by SHA-256, length and time", len(history.versions)],
        ["versions read back and compared byte for byte", len(asked)],
        ["  distinct texts among them", len(distinct)],
        ["  bytes read", f"{read:,}"],
        ["  not UTF-8, read by --format raw", others],
        ["versions hidden behind another of the same instant, compared by hash only", hidden],
    ]


def random_questions(score, recension, history, known, sha256, args):
    """(b) The rule of `as of` against a second implementation of it."""
    chance = random.Random(args.seed)
    documents = history.documents
    first = min(at for *_, at in history.versions)
    last = max(at for *_, at in history.versions)
    asked = []
    for number in range(args.questions):
        document = chance.choice(documents)
        # Three of five anywhere in the history's time; the others at or next to an observation, where a slip shows.
        if number % 5 < 3:
            instant = chance.randint(first - 86_400 * 30, last + 86_400)
        else:
            instant = chance.choice(known[document])[0] + chance.choice((-1, 0, 0, 1))
        asked.append((document, instant))
    found = missing = raw = 0
    answers = ask(recension, ((document, rfc3339(instant)) for document, instant in asked))
    for number, ((document, instant), answer) in enumerate(zip(asked, answers, strict=True)):
        about = f"{document} as of {rfc3339(instant)}"
        version = chosen(known[document], instant)
        if version is None:
            missing += 1
            score.check(answer["found"] is False and "text" not in answer, f"{about}: found {answer}")
        else:
            found += 1
            at, _, blob = version
            text = answer.get("text")
            same = text is not None and (hashlib.sha256(text.encode()).hexdigest(), len(text.encode())) == sha256[blob]
            same = same and answer["sha256"] == sha256[blob][0] and answer["last_seen"] == rfc3339(at)
            score.check(same, f"{about}: {at} {blob} expected, {answer.get('sha256')} found")
        if number % 5 == 0:
            raw += 1
            done = recension.run("show", document, "--as-of", rfc3339(instant), "--format", "raw", codes=(0, 1))
            if version is None:
                score.check(done.returncode == 1 and done.stdout == b"", f"{about}: --format raw says otherwise")
            else:
                digest = hashlib.sha256(done.stdout).hexdigest()
                score.check(done.returncode == 0 and digest == sha256[version[2]][0], f"{about}: --format raw differs")
    return [
        [f"random questions (seed {args.seed})", len(asked)],
        ["  with an answer, compared with git's bytes, SHA-256 and time", found],
        ["  before the first observation, answered by `found: false`", missing],
        ["  asked again of `show --format raw`", raw],
    ]


def counts(score, recension, history, source, summary, sha256):
    """(c) Totals, repeated import, rebuilt views."""
    of = summary["counts"]
    expected = {
        "commits": len(history.commits),
        "merges": history.merges,
        "commits_without_document": history.without_document,
        "versions": len(history.versions),
        "documents": len(history.documents),
        "left_out": 0,
        "empty_texts": sum(sha256[blob][1] == 0 for _, _, blob, _ in history.versions),
    }
    for name, number in expected.items():
        score.check(of[name] == number, f"the import counts {of[name]} {name}, git has {number}")
    # Where a file moves unchanged, git's two changes are one.
    score.check(
        of["deleted"] + of["renamed"] == history.deletions,
        f"{of['deleted']} deleted and {of['renamed']} renamed, git deletes {history.deletions}",
    )
    score.check(of["other_files"] == history.other_files, f"{of['other_files']} other files, git has {history.other_files}")
    stats = json.loads(recension.run("stats", "--format", "json").stdout)
    texts = {blob for _, _, blob, _ in history.versions}
    # Every version but the first of its document brings a change, which is an event too.
    changes = len(history.versions) - len(history.documents)
    for name, number in [
        ("versions", len(history.versions)),
        ("documents", len(history.documents)),
        ("blobs", len({sha256[blob] for blob in texts})),
        ("content_bytes", sum(size for _, size in {sha256[blob] for blob in texts})),
        ("events", summary["appended"] + changes),
    ]:
        score.check(stats[name] == number, f"stats count {stats[name]} {name}, {number} expected")
    again = json.loads(recension.run("import", "ota-versions", source, "--format", "json").stdout)
    after = json.loads(recension.run("stats", "--format", "json").stdout)
    score.check(again["appended"] == 0 and after["events"] == stats["events"], f"a second import appends: {again}")
    rebuilt = recension.run("rebuild").stdout.decode()
    score.check("the same as before, row for row" in rebuilt, f"rebuild: {rebuilt.strip()}")
    rows = [[f"{name} (import = git)", number] for name, number in expected.items()]
    rows += [["deletions and moves", history.deletions], ["changed files that are no documents", history.other_files]]
    rows += [["events", stats["events"]], ["appended by a second import", again["appended"]]]
    rows += [["distinct texts", stats["blobs"]], ["their bytes", f"{stats['content_bytes']:,}"]]
    return rows


def main():
    args = arguments()
    score = Score()
    with tempfile.TemporaryDirectory(prefix="recension-exact-") as folder:
        history = History(repository_of(args.history, folder))
        sha256 = {
            blob: (hashlib.sha256(content).hexdigest(), len(content))
            for blob, content in history.blobs(dict.fromkeys(blob for _, _, blob, _ in history.versions))
        }
        known = oracle(history)
        recension = Recension(args.binary, os.path.join(folder, "archive"))
        recension.run("init", recension.archive)
        summary = json.loads(recension.run("import", "ota-versions", args.history, "--format", "json").stdout)
        table("Counts", counts(score, recension, history, args.history, summary, sha256))
        report = json.loads(recension.run("verify", "--format", "json", codes=(0, 1)).stdout)
        score.check(report["clean"], f"verify: {report['findings'][:5]}")
        table("Every version", every_version(score, recension, history, known, sha256))
        table("Answers as of an instant", random_questions(score, recension, history, known, sha256, args))
        table("Verification", [[name, report[name]] for name in ("events", "blobs", "checkpoints", "root")])
    score.finish()


if __name__ == "__main__":
    main()
