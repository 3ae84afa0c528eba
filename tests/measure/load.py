#!/usr/bin/env python3
"""How fast a sweep of many documents of many hosts on loopback is, what it takes, and what kills do to it.

    python3 tests/measure/load.py --recension target/release/recension
    python3 tests/measure/load.py --recension target/release/recension --kills 100

A server of this script answers on addresses 127.1.x.y, each a host of its own. The first form measures three sweeps of all
documents: all of them new, all unchanged and answered with 304, all with other bytes that read the same. The second kills
sweeps at random moments and goes on, until each has ended, and checks that every sweep looked at every document once.
Linux only: other systems have no whole network on loopback.
"""

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import asyncio

PARAGRAPH = (
    "<p>You may use what we offer as long as you keep to these terms, and we may end that use where you do not; "
    "section {n} says how, and within how many days we have to tell you.</p>"
)


class Server:
    """Answers for all hosts; what it adds to each page is changed by `round`."""

    def __init__(self, delay):
        self.round, self.noise, self.asked, self.delay = 0, False, 0, delay
        self.ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.run()), daemon=True).start()
        self.ready.wait()

    async def run(self):
        server = await asyncio.start_server(self.answer, "0.0.0.0", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await server.serve_forever()

    async def answer(self, reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            if path == "/robots.txt":
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            else:
                self.asked += 1
                await asyncio.sleep(self.delay)
                host = head.lower().split("\r\nhost: ")[1].split("\r\n")[0]
                etag = f'"{host}{path}-{self.round}"'
                if not self.noise and f"if-none-match: {etag}" in head.lower().replace("If-None-Match", "if-none-match"):
                    writer.write(b"HTTP/1.1 304 Not Modified\r\nETag: " + etag.encode() + b"\r\n\r\n")
                else:
                    body = self.page(host, path).encode()
                    writer.write(
                        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: "
                        + etag.encode()
                        + f"\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                        + body
                    )
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def page(self, host, path):
        nonce = random.random() if self.noise else 0
        paragraphs = "".join(PARAGRAPH.replace("{n}", f"{n}{path[1:]}") for n in range(150))
        return (
            f"<!doctype html><html><head><script nonce='{nonce}'></script></head><body><nav>Home</nav><main>"
            f"<h1>Terms of {host}{path}</h1>{paragraphs}<p>Round {self.round}.</p></main></body></html>"
        )


def declarations(folder, documents, hosts, port):
    """A file for each host; gives the names of the hosts."""
    os.makedirs(folder)
    names = [f"127.1.{n // 250}.{n % 250 + 1}" for n in range(hosts)]
    for number, host in enumerate(names):
        with open(f"{folder}/{number}.toml", "w") as file:
            file.write(f'platform = "Platform {number}"\n')
            for document in range(number, documents, hosts):
                file.write(
                    f'[documents."Document {document}"]\naddress = "http://{host}:{port}/{document}"\nselect = "main"\n'
                )
    return names


def sweep(arguments, archive, names, seconds=None):
    """Fetches all; kills it after some seconds. Gives seconds, peak memory in MB, and the summary or None."""
    command = [arguments.recension, "--archive", archive, "fetch", "--all", "--format", "json"]
    command += ["--contact", "mailto:measure@example.org", "--hosts-at-once", str(arguments.at_once)]
    command += ["--pause-ms", str(arguments.pause)]
    for name in names:
        command += ["--allow-host", name]
    began = time.time()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        stdout, stderr = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.communicate()
        return time.time() - began, None, None
    if child.returncode > 1:
        sys.exit(stderr)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return time.time() - began, peak, json.loads(stdout)


def looks(arguments, archive):
    """How often each document was looked at."""
    command = [arguments.recension, "--archive", archive, "documents", "--format", "json"]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return [(one["document"], one["looks"], one["versions"]) for one in listed]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recension", default="target/release/recension")
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=200)
    parser.add_argument("--pause", type=int, default=1000, help="rest of a host between requests, ms")
    parser.add_argument("--delay", type=float, default=0.02, help="what the server takes for a page, s")
    parser.add_argument("--kills", type=int, default=0)
    arguments = parser.parse_args()
    server = Server(arguments.delay)
    folder = tempfile.mkdtemp(prefix="recension-load-")
    try:
        archive = f"{folder}/archive"
        run = lambda *args: subprocess.run([arguments.recension, *args], check=True, stdout=subprocess.DEVNULL)
        run("init", archive)
        names = declarations(f"{folder}/declarations", arguments.documents, arguments.hosts, server.port)
        run("--archive", archive, "track", f"{folder}/declarations")
        measure(arguments, archive, names, server) if not arguments.kills else kill(arguments, archive, names, server)
        verified = subprocess.run([arguments.recension, "--archive", archive, "verify"], capture_output=True, text=True)
        print(verified.stdout.splitlines()[0], "exit code", verified.returncode)
    finally:
        shutil.rmtree(folder)


def measure(arguments, archive, names, server):
    print(f"{arguments.documents} documents of {arguments.hosts} hosts, {arguments.at_once} hosts at once, "
          f"{arguments.pause} to {2 * arguments.pause} ms between requests to one")
    for what, noise in [("all new", False), ("all unchanged (304)", False), ("other bytes, same reading", True)]:
        server.noise = noise
        seconds, peak, summary = sweep(arguments, archive, names)
        print(f"{what:28} {seconds:6.1f} s  {peak:6.0f} MB at most  "
              f"{len(summary['versions'])} versions, {summary['unchanged']} unchanged, {len(summary['failed'])} failed")


def kill(arguments, archive, names, server):
    kills, sweeps, asked = 0, 0, 0
    longest = sweep(arguments, archive, names)[0]
    expected = {name: count for name, count, _ in looks(arguments, archive)}
    assert set(expected.values()) == {1}, "the first sweep looked at every document once"
    while kills < arguments.kills:
        server.round += 1
        sweeps += 1
        asked = server.asked
        while True:
            # Most die; every sweep ends at last.
            seconds = random.uniform(0.05, longest * 0.7) if kills < arguments.kills else None
            if sweep(arguments, archive, names, seconds)[2] is not None:
                break
            kills += 1
        found = looks(arguments, archive)
        wrong = [one for one in found if one[1] != sweeps + 1 or one[2] != sweeps + 1]
        print(f"sweep {sweeps}: {kills} kills so far, {server.asked - asked} pages fetched, "
              f"{len(wrong)} documents of {len(found)} not looked at exactly once", flush=True)
        if wrong:
            sys.exit(f"for example {wrong[:3]}")
    command = [arguments.recension, "--archive", archive, "changes", "--all", "--format", "json"]
    changes = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    print(f"{len(changes)} changes of {sum(versions - 1 for _, _, versions in found)} were judged")


if __name__ == "__main__":
    main()
