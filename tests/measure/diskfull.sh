#!/bin/sh
# Fills the disk under an import, at every size from nearly nothing to enough.
#
#     tests/measure/diskfull.sh RECENSION HISTORY [STEP_KIB]
#
# RECENSION is the program, HISTORY a bundle (so that its index needs space as well) of some megabytes. The archive lies
# on a tmpfs that is mounted small; each round is larger by STEP_KIB (512). A round imports until there is no space, which
# must end with exit code 2 and a sentence that names a file; then the disk is made large, and the archive must open,
# verify clean, and take the rest of the history, so that its root is the one of an import that always had space.
# Mounting needs root; where it isn't allowed, the script says that it was skipped and counts nothing as failed.
set -u
recension=$(realpath "$1")
history=$(realpath "$2")
step=${3:-512}
work=$(mktemp -d)
disk=$work/disk
passed=0
failed=0
mkdir "$disk"
if ! mount -t tmpfs -o size=64k tmpfs "$disk" 2>"$work/mount"; then
    echo "skipped: a file system can't be mounted here ($(cat "$work/mount"))"
    rm -rf "$work"
    echo "0 passed, 0 failed"
    exit 0
fi
trap 'umount "$disk" 2>/dev/null; rm -rf "$work"' EXIT

check() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED at $size KiB: $2"
    fi
}

root_of() {
    "$recension" --archive "$1" verify --format json 2>/dev/null | sed -n 's/^ *"root": "\(.*\)",$/\1/p'
}

export RECENSION_NOW=2026-01-01T00:00:00Z
"$recension" init "$work/empty" --origin example.org/full >/dev/null || exit 2
cp -r "$work/empty" "$work/whole"
"$recension" --archive "$work/whole" import ota-versions "$history" >/dev/null || exit 2
root=$(root_of "$work/whole")
echo "an import with space has the root $root and needs $(du -sk "$work/whole" | cut -f1) KiB at its end"

size=$(($(du -sk "$work/empty" | cut -f1) + 64))
finished=1
while [ "$finished" -ne 0 ]; do
    umount "$disk"
    mount -t tmpfs -o "size=${size}k" tmpfs "$disk" || exit 2
    cp -r "$work/empty" "$disk/archive" || exit 2
    "$recension" --archive "$disk/archive" import ota-versions "$history" >"$work/out" 2>"$work/errors"
    finished=$?
    if [ "$finished" -ne 0 ]; then
        [ "$finished" -eq 2 ]
        check $? "the import ended with $finished"
        grep -q '^error: .*/archive/' "$work/errors"
        check $? "no file is named: $(cat "$work/errors")"
        # What can be said without space: an answer, or a sentence.
        "$recension" --archive "$disk/archive" stats >/dev/null 2>"$work/stats"
        code=$?
        [ "$code" -eq 0 ] || { [ "$code" -eq 2 ] && grep -q '^error: ' "$work/stats"; }
        check $? "stats on the full disk ended with $code: $(cat "$work/stats")"
        said=$(sed -n '1s/.*archive\///p' "$work/errors" | cut -c1-90)
        mount -o remount,size=4g "$disk" || exit 2
        "$recension" --archive "$disk/archive" verify >"$work/verify" 2>&1
        check $? "verify: $(tail -5 "$work/verify")"
        at=$(sed -n 's/^Checked \(.*\) events.*/\1/p' "$work/verify")
        echo "  $size KiB: full at $at events: $said"
    fi
    "$recension" --archive "$disk/archive" import ota-versions "$history" >/dev/null 2>"$work/errors"
    check $? "the import does not go on: $(cat "$work/errors")"
    [ "$(root_of "$disk/archive")" = "$root" ]
    check $? "the root differs"
    [ ! -e "$disk/archive/import.new" ]
    check $? "import.new is left behind"
    size=$((size + step))
done
echo "  $((size - step)) KiB: enough"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
