#!/usr/bin/env python3
"""How many versions and changes of each document come of a collection's pages by our extraction, beside the collection's own.

    python3 tests/measure/own_versions.py --recension target/release/recension \\
        --snapshots SNAPSHOTS --declarations DECLARATIONS --versions VERSIONS

SNAPSHOTS and VERSIONS are histories as `import ota-snapshots` and `import ota-versions` take them, DECLARATIONS is a folder as
`import ota-declarations` takes it. Two archives are made in a temporary folder, or kept in --keep FOLDER.
"""

import argparse
import collections
import json
import os
import subprocess
import tempfile


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recension", default="target/release/recension")
    for name in ["--snapshots", "--declarations", "--versions"]:
        parser.add_argument(name, required=True)
    parser.add_argument("--keep")
    arguments = parser.parse_args()
    folder = arguments.keep or tempfile.mkdtemp(prefix="recension-own-")
    ours, theirs = f"{folder}/ours", f"{folder}/theirs"

    def run(archive, *args):
        command = [arguments.recension, "--archive", archive, *args]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    if not os.path.exists(ours):
        run(ours, "init", ours)
        run(ours, "import", "ota-snapshots", arguments.snapshots)
        run(ours, "import", "ota-declarations", arguments.declarations)
        run(ours, "reextract")
        run(theirs, "init", theirs)
        run(theirs, "import", "ota-versions", arguments.versions)
    counted = {}
    # Both are compared over the time that both tell of: until the earlier of them ends, or theirs of a document does.
    listed = {archive: json.loads(run(archive, "documents", "--format", "json")) for archive in [ours, theirs]}
    known = [json.loads(run(archive, "stats", "--format", "json"))["last_observed_at"] for archive in [ours, theirs]]
    ends = {one["document"]: one["retired_at"] for one in listed[theirs]}
    print(f"changes until {min(known)}; the histories go until {' and '.join(known)}")
    for archive in [ours, theirs]:
        versions = {one["document"]: one["versions"] for one in listed[archive]}
        changes = collections.defaultdict(collections.Counter)
        for change in json.loads(run(archive, "changes", "--all", "--format", "json")):
            if change["observed_at"] <= min(ends.get(change["document"]) or min(known), min(known)):
                changes[change["document"]][change["significance"]] += 1
            else:
                versions[change["document"]] -= 1
        counted[archive] = versions, changes
    kinds = ["substantive", "editorial", "presentational", "reverted", "capture fault", "re-extraction"]
    short = ["subst", "edit", "pres", "rev", "fault", "re-ex"]
    print(f"{'':44}{'OURS':>7}{''.join(f'{one:>6}' for one in short)}{'THEIRS':>9}{''.join(f'{one:>6}' for one in short)}")
    total = [[0] * 7, [0] * 7]
    for document in sorted(set(counted[ours][0]) | set(counted[theirs][0])):
        row = f"{document[:43]:44}"
        for side, archive in enumerate([ours, theirs]):
            versions, changes = counted[archive]
            numbers = [versions.get(document, 0)] + [changes[document][kind] for kind in kinds]
            total[side] = [sum(pair) for pair in zip(total[side], numbers)]
            row += f"{numbers[0]:>{7 if side == 0 else 9}}" + "".join(f"{number:>6}" for number in numbers[1:])
        print(row)
    row = f"{'all':44}"
    for side in [0, 1]:
        row += f"{total[side][0]:>{7 if side == 0 else 9}}" + "".join(f"{number:>6}" for number in total[side][1:])
    print(row)


if __name__ == "__main__":
    main()
