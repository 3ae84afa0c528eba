"""What the measuring scripts share: running the program, asking git, keeping score."""

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time


class Score:
    """Counts checks; a failure is printed at once and the run goes on."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            if self.failed <= 40:
                print(f"FAILED: {what}", flush=True)
        return holds

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def table(title, rows):
    """Prints rows of columns, aligned."""
    print(f"\n{title}")
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    sys.stdout.flush()


class Recension:
    """The program, always on the same archive."""

    def __init__(self, binary, archive, now=None):
        self.binary = os.path.abspath(binary)
        self.archive = archive
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RECENSION_")},
            "RECENSION_ARCHIVE": archive,
            **({"RECENSION_NOW": now} if now else {}),
        }

    def run(self, *args, input=None, codes=(0,)):
        done = subprocess.run(
            [self.binary, *args], input=input, capture_output=True, env=self.environment, check=False
        )
        if done.returncode not in codes:
            message = done.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"recension {' '.join(args)} ended with {done.returncode}: {message}")
        return done

    def start(self, *args, **options):
        return subprocess.Popen([self.binary, *args], env=self.environment, **options)

    def timed(self, *args, codes=(0,)):
        """Runs and returns the result, the wall seconds and what the system says that the process used."""
        return timed([self.binary, *args], codes, env=self.environment)


def timed(command, codes=(0,), **options):
    """Runs a command and returns the result, the wall seconds and what the system says that the process used."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=out, stderr=errors, **options)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        done = subprocess.CompletedProcess(command, child.returncode, out.read(), errors.read())
    if done.returncode not in codes:
        message = done.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {message}")
    return done, seconds, usage


class Batch:
    """A process that is asked for blobs by their names: `recension cat --batch` or `git cat-file --batch`."""

    def __init__(self, command, **options):
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)

    def read(self, name):
        """The bytes of a blob, and the milliseconds from asking for it to having it."""
        began = time.perf_counter()
        self.child.stdin.write(name.encode() + b"\n")
        self.child.stdin.flush()
        header = self.child.stdout.readline().split()
        if len(header) != 3:
            raise RuntimeError(f"no bytes of {name}: {header}")
        content = self.child.stdout.read(int(header[2]))
        self.child.stdout.read(1)
        return content, (time.perf_counter() - began) * 1000

    def end(self):
        self.child.stdin.close()
        self.child.stdout.close()
        return self.child.wait()


def git(repository, *args, input=None):
    command = ["git", "-c", "core.quotePath=false", "--git-dir", repository, *args]
    return subprocess.run(command, input=input, capture_output=True, check=True).stdout


def repository_of(source, folder):
    """A repository that git can be asked about: the source itself, or a bare clone of a bundle."""
    if os.path.isfile(source):
        clone = os.path.join(folder, "oracle.git")
        command = ["git", "-c", "init.defaultBranch=main", "clone", "-q", "--bare", source, clone]
        subprocess.run(command, check=True)
        return clone
    inner = os.path.join(source, ".git")
    return inner if os.path.isdir(inner) else source


def unquoted(path):
    """Reads a path as git quotes it where it has unusual bytes."""
    if not path.startswith(b'"'):
        return path
    named = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13}

    def one(match):
        code = match.group(1)
        if code[:1].isdigit():
            return bytes([int(code, 8)])
        return bytes([named[code]]) if code in named else code

    return re.sub(rb"\\([0-7]{3}|.)", one, path[1:-1])


DOCUMENT = re.compile(rb"(?!\.)[^/]+/[^/]+\.md")
SNAPSHOT = re.compile(rb"(?!\.)[^/]+/[^/]+\.(html|pdf|xhtml|txt|xml|json|rtf|odt|doc|docx)")


class History:
    """A history as git alone tells it, by default of versions; `content` matches the paths of its contents.

    `commits` are in the order in which a walk from the head meets them, the first parent's history before that of the
    others; `versions` holds (document, commit, blob, author seconds) for every file that is a version and that a commit
    adds or modifies, and `paths` the path of each; of a merge, only what differs from every parent. A moved file counts as a deletion and an addition.
    """

    def __init__(self, repository, content=DOCUMENT):
        self.repository = repository
        parents = {}
        for line in git(repository, "rev-list", "--parents", "HEAD").decode().splitlines():
            commit, *others = line.split()
            parents[commit] = others
        head = git(repository, "rev-parse", "HEAD").decode().strip()
        self.head = head
        self.commits = self._walk(head, parents)
        self.merges = sum(len(others) > 1 for others in parents.values())
        changes = self._changes()
        self.versions = []
        self.paths = []
        self.deletions = 0
        self.other_files = 0
        self.without_document = 0
        for commit in self.commits:
            at, changed = changes[commit]
            touches = False
            for status, blob, path in changed:
                if not content.fullmatch(path):
                    self.other_files += 1
                    continue
                touches = True
                if status.startswith("D"):
                    self.deletions += 1
                else:
                    self.versions.append((path.decode().rpartition(".")[0], commit, blob, at))
                    self.paths.append(path.decode())
            self.without_document += not touches
        self.documents = sorted({document for document, *_ in self.versions})

    @staticmethod
    def _walk(head, parents):
        order, seen, stack = [], {head}, [(head, iter(parents[head]))]
        while stack:
            commit, rest = stack[-1]
            for parent in rest:
                if parent in parents and parent not in seen:
                    seen.add(parent)
                    stack.append((parent, iter(parents[parent])))
                    break
            else:
                order.append(commit)
                stack.pop()
        return order

    def _changes(self):
        out = git(
            self.repository, "log", "-c", "--raw", "--no-renames", "--no-abbrev", "--root",
            "--format=commit %H %at", "HEAD",
        )  # fmt: skip
        changes = {}
        for line in out.split(b"\n"):
            if line.startswith(b"commit "):
                _, commit, at = line.decode().split()
                current = []
                changes[commit] = (int(at), current)
            elif line.startswith(b":"):
                fields, path = line.split(b"\t", 1)
                colons = len(fields) - len(fields.lstrip(b":"))
                words = fields.decode()[colons:].split()
                modes, blobs, status = words[: colons + 1], words[colons + 1 : -1], words[-1]
                # A file whose mode alone changed brings no new text; links and submodules are no files.
                if modes[-1] not in ("100644", "100755", "000000") or (colons == 1 and blobs[0] == blobs[1]):
                    continue
                current.append((status, blobs[-1], unquoted(path)))
        return changes

    def blobs(self, wanted):
        """Yields (blob, bytes) for each wanted blob, as `git cat-file` gives it."""
        wanted = list(wanted)
        command = ["git", "--git-dir", self.repository, "cat-file", "--batch"]
        with tempfile.TemporaryFile() as questions:
            questions.write("".join(f"{blob}\n" for blob in wanted).encode())
            questions.seek(0)
            child = subprocess.Popen(command, stdin=questions, stdout=subprocess.PIPE)
            for blob in wanted:
                name, kind, size = child.stdout.readline().decode().split()
                assert name == blob and kind == "blob", (name, kind)
                content = child.stdout.read(int(size))
                child.stdout.read(1)
                yield blob, content
            child.wait()


def processor(usage):
    """The seconds of processor time that a process used, on whatever cores."""
    return usage.ru_utime + usage.ru_stime


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def megabytes(count):
    return f"{count / 1e6:.1f} MB"


def questions(history, seed, count):
    """Documents at random, each as of a random instant at or after its first observation."""
    chance = random.Random(seed)
    first = {}
    for document, _, _, at in history.versions:
        first[document] = min(at, first.get(document, at))
    last = max(at for *_, at in history.versions)
    documents = history.documents
    return [
        (document, chance.randint(first[document], last)) for document in (chance.choice(documents) for _ in range(count))
    ]


def ask_git(repository, document, instant):
    """The milliseconds that git takes to answer, and the bytes; none where it finds no commit."""
    file = f"{document}.md"
    began = time.perf_counter()
    commit = git(repository, "rev-list", "-1", f"--before={rfc3339(instant)}", "HEAD", "--", file).decode().strip()
    content = git(repository, "show", f"{commit}:{file}") if commit else None
    return (time.perf_counter() - began) * 1000, content


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def milliseconds(values):
    return f"median {statistics.median(values):.2f} ms, p99 {quantile(values, 0.99):.2f} ms"
