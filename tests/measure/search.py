"""How long queries take: asks an archive each line of a file of queries through `search --batch`, one at a time.

    search.py RECENSION ARCHIVE QUERIES [DATE]

Each query is asked twice, and the second time counts: median, p95 and the slowest ones, with the way there and back, and on
Linux the time that the program had a core, which is what counts where others use the machine. With a DATE, queries are asked as of
that date. The answers are hashed, so that two runs can be compared.
"""

import hashlib
import json
import subprocess
import sys
import time

program, archive, queries = sys.argv[1:4]
date = sys.argv[4] if len(sys.argv) > 4 else None
lines = [line.rstrip("\n") for line in open(queries, encoding="utf-8") if line.strip()]
search = subprocess.Popen(
    [program, "--archive", archive, "search", "--batch", "-"],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
)


def core():
    """The seconds that the program had a core, where the system tells them."""
    try:
        with open(f"/proc/{search.pid}/schedstat", encoding="ascii") as stat:
            return int(stat.read().split()[0]) / 1e9
    except OSError:
        return 0.0


def table(name, taken):
    times = sorted(taken.values())
    at = lambda share: 1000 * times[min(int(len(times) * share), len(times) - 1)]
    print(f"{name}: median {at(0.5):.2f} ms, p90 {at(0.9):.2f} ms, p95 {at(0.95):.2f} ms, slowest {at(1):.2f} ms")


# The first answer waits for the index.
taken, worked, hits, digest = {}, {}, 0, hashlib.sha256()
for turn in range(2):
    for query in lines:
        question = {"query": query} | ({"as_of": date} if date else {})
        began, had = time.perf_counter(), core()
        search.stdin.write(json.dumps(question).encode() + b"\n")
        search.stdin.flush()
        answer = search.stdout.readline()
        taken[query], worked[query] = time.perf_counter() - began, core() - had
        if turn == 1:
            digest.update(answer)
            hits += len(json.loads(answer)["hits"])
search.stdin.close()
search.wait()
print(f"{len(taken)} queries, {hits} hits, sha256 {digest.hexdigest()[:16]}")
table("there and back", taken)
table("of a core", worked)
for query in sorted(worked, key=worked.get)[-5:]:
    print(f"  {1000 * worked[query]:.2f} ms  {query}")
