#!/bin/sh
# Fills the disk under an import, at every size from nearly nothing to enough.
#
#     tests/measure/diskfull.sh RECENSION HISTORY [STEP_KIB]
#
# RECENSION is the program, HISTORY a bundle (so that its index needs space as well) of some megabytes. The archive lies
# on a tmpfs that is mounted small, in three series of rounds:
#
#     disk    each round has STEP_KIB (2048) more of space for the whole archive
#     views   views.sqlite alone lies on another tmpfs, which is larger by an eighth of its size each round
#     files   there is space, and each round may make one file more: so the sidecar's replacement can't be made
#
# A round imports until there is no space, which must end with exit code 2 and a sentence that names a file, and so must
# another try unless it succeeds; then the disk is made large, and the archive must open, verify clean, and take the rest
# of the history, so that its root is the one of an import that always had space. In the end every file must have been
# seen to be the one for which there was no space. Mounting needs root; where it isn't allowed, the script says that it
# was skipped and counts nothing as failed.
set -u
recension=$(realpath "$1")
history=$(realpath "$2")
step=${3:-2048}
work=$(mktemp -d)
disk=$work/disk
views=$work/views
passed=0
failed=0
mkdir "$disk" "$views"
if ! mount -t tmpfs -o size=64k tmpfs "$disk" 2>"$work/mount"; then
    echo "skipped: a file system can't be mounted here ($(cat "$work/mount"))"
    rm -rf "$work"
    echo "0 passed, 0 failed"
    exit 0
fi
mount -t tmpfs tmpfs "$views" || exit 2
trap 'umount "$disk" "$views" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

check() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED at $round: $2"
    fi
}

root_of() {
    "$recension" --archive "$1" verify --format json 2>/dev/null | sed -n 's/^ *"root": "\(.*\)",$/\1/p'
}

import() {
    "$recension" --archive "$disk/archive" import ota-versions "$history" >/dev/null 2>"$work/errors"
}

# Puts an empty archive on a new disk, mounted with the options given.
fresh() {
    umount "$disk" "$views"
    mount -t tmpfs -o "$1" tmpfs "$disk" && mount -t tmpfs tmpfs "$views" || exit 2
    cp -r "$work/empty" "$disk/archive" || exit 2
}

# An import fails clearly: with the right exit code, and with a sentence that names a file.
fails_clearly() {
    [ "$1" -eq 2 ]
    check $? "the import ended with $1"
    grep -q '^error: .*/\(archive\|views\)/' "$work/errors"
    check $? "no file is named: $(cat "$work/errors")"
}

# Runs a round on what lies on the disk now; tells whether there was space for all of it.
round() {
    round=$1
    import
    finished=$?
    if [ "$finished" -ne 0 ]; then
        fails_clearly "$finished"
        said=$(sed -n '1s/^error: //p' "$work/errors" | sed "s|$work/[a-z]*/||g; s|$history|HISTORY|")
        # What can be said without space: an answer, or a sentence.
        "$recension" --archive "$disk/archive" stats >/dev/null 2>"$work/stats"
        code=$?
        [ "$code" -eq 0 ] || { [ "$code" -eq 2 ] && grep -q '^error: ' "$work/stats"; }
        check $? "stats on the full disk ended with $code: $(cat "$work/stats")"
        # The first try may have left less behind than it needed.
        import
        code=$?
        [ "$code" -eq 0 ] || fails_clearly "$code"
        mount -o remount,size=4g,nr_inodes=1m "$disk" && mount -o remount,size=4g "$views" || exit 2
        "$recension" --archive "$disk/archive" verify >"$work/verify" 2>&1
        check $? "verify: $(tail -5 "$work/verify")"
        at=$(sed -n 's/^Checked \(.*\) events.*/\1/p' "$work/verify")
        echo "  $round: full at $at events: $said" | cut -c1-120
        echo "$said" | grep -o 'import\.new\|blobs\.sqlite\|log\.sqlite\|views\.sqlite\|checkpoint' | head -1 >>"$work/full"
    fi
    import
    check $? "the import does not go on: $(cat "$work/errors")"
    [ "$(root_of "$disk/archive")" = "$root" ]
    check $? "the root differs"
    [ ! -e "$disk/archive/import.new" ] && [ ! -e "$disk/archive/checkpoint.new" ]
    check $? "import.new or checkpoint.new is left behind"
    [ "$finished" -eq 0 ] && echo "  $round: enough"
}

export RECENSION_NOW=2026-01-01T00:00:00Z
"$recension" init "$work/empty" --origin example.org/full >/dev/null || exit 2
cp -r "$work/empty" "$work/whole"
"$recension" --archive "$work/whole" import ota-versions "$history" >/dev/null || exit 2
root=$(root_of "$work/whole")
kib() { du -sk "$1" | cut -f1; }
echo "an import with space has the root $root and needs $(kib "$work/whole") KiB at its end"

size=$(($(kib "$work/empty") + 64))
while fresh "size=${size}k" && ! round "disk of $size KiB"; do
    size=$((size + step))
done

size=$(($(kib "$work/empty/views.sqlite") + 36))
while
    fresh size=4g
    mount -o "remount,size=${size}k" "$views" || exit 2
    mv "$disk/archive/views.sqlite" "$views" && ln -s "$views/views.sqlite" "$disk/archive" || exit 2
    ! round "views of $size KiB"
do
    size=$((size + $(kib "$work/whole/views.sqlite") / 8))
done

more=0
while
    fresh size=4g
    mount -o "remount,nr_inodes=$(($(df --output=iused "$disk" | tail -1) + more))" "$disk" || exit 2
    ! round "$more more files"
do
    more=$((more + 1))
done

round=the\ end
for file in import.new blobs.sqlite log.sqlite views.sqlite checkpoint; do
    times=$(grep -cx "$file" "$work/full")
    echo "no space for $file: $times times"
    [ "$times" -gt 0 ]
    check $? "there always was space for $file"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
