# workplace.sh: what the tests beside it begin with, whose first argument is the root of the source. It has to be a
# commit that things are made of; `work` is a folder that goes when the test ends.
# shellcheck shell=sh
root=$1

git -C "$root" rev-parse --verify --quiet HEAD >/dev/null 2>&1 || {
    echo 'skipped: this is made of a commit, and here is no git repository'
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
