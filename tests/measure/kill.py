#!/usr/bin/env python3
"""Kills imports at random moments and looks at what they leave.

    python3 tests/measure/kill.py RECENSION [--quick] [--kills N] [--compactions N] [--seed N] [--commits N]

RECENSION is the program (target/release/recension). A history is made with `git fast-import` in a temporary folder
(TMPDIR says where) and imported once without disturbance. Then a copy of the empty archive is imported into again and
again, each time killed with SIGKILL after a random delay, until an import gets to its end; and so on with new copies
until there were N kills (1,000; with --quick 25). The present is fixed, so that all archives must become the same.

After each kill: the archive opens, `verify` is clean, `checkpoint` never counts more events than the log has, no event
that was covered by a checkpoint seen earlier is gone or different, seqs have no gap and no event is there twice. At the
end of each series the root is that of the undisturbed import, and so are the answers.

Then copies of the undisturbed archive are compacted, and that is killed --compactions times (500; with --quick 10). After each
kill `verify` is clean and the root the same; at the end the compaction is brought to its end, and so are the answers.
"""

import argparse
import base64
import collections
import json
import os
import random
import shutil
import subprocess
import tempfile
import time

from support import Recension, Score, table

NOW = "2026-01-01T00:00:00Z"
MOVES = 1_600_000_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--compactions", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--commits", type=int, default=3300)
    args = parser.parse_args()
    args.kills = args.kills or (25 if args.quick else 1000)
    args.compactions = args.compactions or (10 if args.quick else 500)
    return args


def make_history(folder, commits, seed):
    """A history of documents that change, become empty, move, disappear, come back and are seen out of order."""
    chance = random.Random(seed)
    words = [f"word{number}" for number in range(500)]
    documents = [f"platform {number // 3}/document {number % 3}.md" for number in range(60)]
    present = set()
    script = []
    for number in range(1, commits + 1):
        at = MOVES + number * 3600 + chance.choice((0, 0, 0, -7200, 1800))
        path = chance.choice(documents)
        draw = chance.random()
        if path in present and draw < 0.01:
            change = f'D "{path}"\n'
            present.discard(path)
        elif path in present and draw < 0.02:
            # The same path again at the end, so that the document comes back.
            change = f'R "{path}" "{path[:-3]} moved {number}.md"\n'
            present.discard(path)
        else:
            text = "" if draw > 0.98 else "".join(f"{' '.join(chance.choices(words, k=12))}.\n" for _ in range(20))
            change = f'M 100644 inline "{path}"\ndata {len(text)}\n{text}\n'
            present.add(path)
        message = f"Record new changes of {path[:-3]}"
        script.append(
            f"commit refs/heads/main\nauthor A <a@example.org> {at} +0000\n"
            f"committer C <c@example.org> {at} +0000\ndata {len(message)}\n{message}\n{change}\n"
        )
    subprocess.run(["git", "-c", "init.defaultBranch=main", "init", "-q", "--bare", folder], check=True)
    command = ["git", "--git-dir", folder, "fast-import", "--quiet"]
    subprocess.run(command, input="".join(script).encode(), check=True)


def sidecar(archive):
    """The size and root that the file `checkpoint` states."""
    with open(os.path.join(archive, "checkpoint"), encoding="utf-8") as file:
        _, size, root = file.read().split("\n")[:3]
    return int(size), base64.b64decode(root).hex()


def events(recension):
    out = recension.run("export", "events").stdout
    return [json.loads(line) for line in out.splitlines()]


def answers(recension):
    out = recension.run("documents", "--format", "jsonl").stdout
    questions = "".join(
        json.dumps({"document": json.loads(line)["document"], "as_of": f"@{MOVES + step * 3_000_000}"}) + "\n"
        for line in out.splitlines()
        for step in range(6)
    )
    return out + recension.run("show", "--batch", "-", "--with-text", input=questions.encode()).stdout


class Campaign:
    def __init__(self, score, recension, history, seconds, expected, chance):
        self.score = score
        self.recension = recension
        self.history = history
        self.seconds = seconds
        self.expected = expected
        self.chance = chance
        self.kills = 0
        self.too_late = 0
        self.sizes = collections.Counter()
        self.unsigned = 0
        self.left_behind = collections.Counter()

    def series(self, kills):
        """Imports into an empty archive until an import is not killed; `kills` at the most."""
        acknowledged = []
        while True:
            undisturbed = kills <= 0
            # Every phase gets its share: the start, and anywhere until a little after the usual end.
            longest = self.seconds * self.chance.choice((0.05, 0.3, 1, 1))
            finished = self.import_once(None if undisturbed else self.chance.uniform(0, longest))
            before = acknowledged
            acknowledged = self.look(before)
            if finished:
                self.end()
                return
            kills -= 1

    def import_once(self, delay):
        began = time.monotonic()
        child = self.recension.start(
            "import", "ota-versions", self.history, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            _, errors = child.communicate(timeout=delay)
        except subprocess.TimeoutExpired:
            seen = sidecar(self.recension.archive)
            child.kill()
            _, errors = child.communicate()
            after = sidecar(self.recension.archive)
            self.score.check(after[0] >= seen[0], f"checkpoint went from {seen} back to {after}")
        if child.returncode == 0:
            self.too_late += delay is not None
            # How long an import takes changes with what else the machine does.
            self.seconds = (3 * self.seconds + time.monotonic() - began) / 4
            return True
        self.kills += 1
        self.score.check(child.returncode == -9, f"an import ended with {child.returncode}: {errors.decode().strip()}")
        return False

    def look(self, before):
        """Checks what is there; `before` are the leaf hashes that were acknowledged earlier."""
        archive = self.recension.archive
        for name in os.listdir(archive):
            if name.endswith(("-wal", ".new")):
                self.left_behind[name] += 1
        size, root = sidecar(archive)
        done = self.recension.run("verify", "--format", "json", codes=(0, 1))
        report = json.loads(done.stdout)
        self.score.check(report["clean"], f"verify after a kill: {report['findings'][:3]}")
        self.score.check(size <= report["events"], f"checkpoint counts {size} events, the log has {report['events']}")
        self.unsigned += size < report["events"]
        if size == report["events"]:
            self.score.check(root == report["root"], f"the root {root} was signed, {report['root']} is there")
        self.sizes[report["events"]] += 1
        there = events(self.recension)
        leaves = [event["leaf_hash"] for event in there]
        self.score.check([event["seq"] for event in there] == list(range(len(there))), "the seqs have a gap")
        self.score.check(len({event["event_id"] for event in there}) == len(there), "an event is there twice")
        self.score.check(leaves[: len(before)] == before, "an acknowledged event is gone or different")
        self.score.check(size <= len(there), "an event covered by `checkpoint` is gone")
        return leaves

    def end(self):
        report = json.loads(self.recension.run("verify", "--format", "json", codes=(0, 1)).stdout)
        self.score.check(
            report["root"] == self.expected["root"], f"the root is {report['root']}, {self.expected['root']} expected"
        )
        self.score.check(answers(self.recension) == self.expected["answers"], "the answers differ from the undisturbed")
        rebuilt = self.recension.run("rebuild").stdout.decode()
        self.score.check("row for row" in rebuilt, f"rebuild: {rebuilt.strip()}")


def compactions(score, undisturbed, recension, kills, expected, chance):
    """Kills compactions until there were so many kills, and returns how many ended before."""
    began = time.monotonic()
    shutil.rmtree(recension.archive, ignore_errors=True)
    shutil.copytree(undisturbed.archive, recension.archive)
    recension.run("compact")
    seconds, killed, ended = time.monotonic() - began, 0, 0
    while killed < kills:
        shutil.rmtree(recension.archive)
        shutil.copytree(undisturbed.archive, recension.archive)
        for _ in range(min(kills - killed, chance.choice((2, 5, 20)))):
            child = recension.start("compact", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                _, errors = child.communicate(timeout=chance.uniform(0, seconds * chance.choice((0.2, 1))))
                score.check(child.returncode == 0, f"a compaction ended with {child.returncode}: {errors.decode().strip()}")
                ended += 1
                break
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                killed += 1
            check_same(score, recension, expected)
        recension.run("compact")
        check_same(score, recension, expected)
        score.check(answers(recension) == expected["answers"], "the answers differ after a compaction")
    return ended


def check_same(score, recension, expected):
    report = json.loads(recension.run("verify", "--format", "json", codes=(0, 1)).stdout)
    score.check(report["clean"], f"verify after a killed compaction: {report['findings'][:3]}")
    score.check(report["root"] == expected["root"], f"a killed compaction left the root {report['root']}")


def main():
    args = arguments()
    score = Score()
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory(prefix="recension-kill-") as folder:
        history = os.path.join(folder, "history.git")
        make_history(history, args.commits, args.seed)
        empty = os.path.join(folder, "empty")
        Recension(args.binary, empty, NOW).run("init", empty, "--origin", "example.org/kill")
        undisturbed = Recension(args.binary, os.path.join(folder, "undisturbed"), NOW)
        shutil.copytree(empty, undisturbed.archive)
        began = time.monotonic()
        undisturbed.run("import", "ota-versions", history)
        seconds = time.monotonic() - began
        report = json.loads(undisturbed.run("verify", "--format", "json").stdout)
        expected = {"root": report["root"], "answers": answers(undisturbed)}
        recension = Recension(args.binary, os.path.join(folder, "killed"), NOW)
        campaign = Campaign(score, recension, history, seconds, expected, chance)
        began, series = time.monotonic(), 0
        while campaign.kills < args.kills:
            shutil.rmtree(recension.archive, ignore_errors=True)
            shutil.copytree(empty, recension.archive)
            campaign.series(min(args.kills - campaign.kills, chance.choice((2, 5, 20))))
            series += 1
            if series % 25 == 0:
                print(f"{campaign.kills} kills, {score.failed} failures", flush=True)
        took = time.monotonic() - began
        ended = compactions(score, undisturbed, recension, args.compactions, expected, chance)
    table(
        "Kills",
        [
            ["undisturbed import", f"{seconds:.2f} s, {report['events']:,} events, {report['checkpoints']} checkpoints"],
            ["kills", campaign.kills],
            ["series of imports, each brought to its end", series],
            ["imports that had ended before they were to be killed", campaign.too_late],
            ["kills after which `checkpoint` was behind the signed log", campaign.unsigned],
            *([f"kills that left {name}", count] for name, count in sorted(campaign.left_behind.items())),
            ["time", f"{took:.0f} s"],
            ["kills of compactions", args.compactions],
            ["compactions that had ended before they were to be killed", ended],
        ],
    )
    table("Events in the log at each look", [[f"{size:,}", count] for size, count in sorted(campaign.sizes.items())])
    score.finish()


if __name__ == "__main__":
    main()
