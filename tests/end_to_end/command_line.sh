#!/usr/bin/env bash
# The command line: help with examples, lists, check and inspect with and without --json, unknown words, --quiet, pipes,
# paths with spaces, and where the output goes.
set -euo pipefail
rm -rf "$SCRATCH" && mkdir -p "$SCRATCH" && cd "$SCRATCH"
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

# try CODE WORD...: runs foldback WORD..., its output in the files `stdout` and `stderr`; a wrong exit code is a failure.
try() {
    local wanted=$1 code=0
    shift
    "$FOLDBACK" "$@" >stdout 2>stderr </dev/null || code=$?
    [ "$code" = "$wanted" ] || fail "foldback $*: exit code $code instead of $wanted; stderr: $(head -c 300 stderr)"
}
says() { grep -qF -- "$1" stdout || fail "$2: '$1' is not on stdout: $(head -c 300 stdout)"; }
complains() {
    grep -qF -- "$1" stderr || fail "$2: '$1' is not on stderr: $(head -c 300 stderr)"
    [ ! -s stdout ] || fail "$2: prints on stdout: $(head -c 200 stdout)"
    [ "$(wc -l <stderr)" = 1 ] || fail "$2: $(wc -l <stderr) lines on stderr"
}
silent_err() { [ ! -s stderr ] || fail "$1: prints on stderr: $(head -c 300 stderr)"; }
is_json() {
    /usr/bin/python3 - "$1" <<'PY' || fail "$2: not valid JSON"
import json, sys
def refuse(name):
    raise ValueError(name)
json.load(open(sys.argv[1]), parse_constant=refuse)
PY
}

# Version and help
try 0 --version; says "foldback" --version; silent_err --version
grep -qE '^foldback [0-9]+\.[0-9]+\.[0-9]+' stdout || fail "--version: $(cat stdout)"
try 0 --help; says "Exit codes" --help; silent_err --help; cp stdout help
verbs="run verify inspect check plot list"
for verb in $verbs; do
    try 0 "$verb" --help
    says "Example: foldback $verb" "$verb --help"
    says "--" "$verb --help"
    silent_err "$verb --help"
done
# No verb is announced that does not exist, none exists that is not announced.
sed -n '/^Subcommands:/,/^$/p' help | awk 'NR > 1 && /^  [a-z]/ { print $1 }' | sort | xargs >announced
[ "$(cat announced)" = "$(echo "$verbs" | tr ' ' '\n' | sort | xargs)" ] || fail "verbs announced: $(cat announced)"

# Lists
for what in models claims orders observables; do
    try 0 list "$what"; silent_err "list $what"
    [ "$(wc -l <stdout)" -ge 2 ] || fail "list $what: only $(wc -l <stdout) lines"
    sed '/^ /d' stdout | cut -d' ' -f1 | sort >names  # what is indented goes on about the name above
    try 0 list "$what" --json; silent_err "list $what --json"; is_json stdout "list $what --json"
    /usr/bin/python3 -c 'import json; print("\n".join(sorted(entry["name"] for entry in json.load(open("stdout")))))' | sort >names_json
    cmp -s names names_json || fail "list $what and list $what --json name different things"
done
try 0 list models --json
# Every model's example is a configuration that runs. Its dimension tells what a start looks like.
cat >examples.py <<'PY'
import json, os, re, subprocess, sys
failed = 0
for model in json.load(open("stdout")):
    name = f"example-{model['name']}"
    for start in ("[0.5]", "[0.5, 0.5]", "[0.5, 0.5, 0.5]"):
        with open(f"{name}.toml", "w") as file:
            file.write(f"{model['example']}\n[ensemble]\nseed = 1\nreplicas = 16\nstarts = [{start}]\nsteps = {{ at = [1, 5] }}\n")
        done = subprocess.run([os.environ["FOLDBACK"], "run", f"{name}.toml", "--threads", "1", "--quiet"], capture_output=True, text=True)
        if "has dimension" not in done.stderr:
            break
    if done.returncode != 0 or done.stdout or done.stderr:
        print(f"FAILED: the example of {model['name']}: exit code {done.returncode}: {done.stdout[:200]}{done.stderr[:300]}")
        failed += 1
sys.exit(failed > 0)
PY
/usr/bin/python3 examples.py || fail "an example of list models --json does not run"

# A run, and where it goes
mkdir "a folder with spaces"
toml="a folder with spaces/the run.toml"
cat >"$toml" <<'TOML'
title = "A run with spaces"
[model]
kind = "bernoulli_convolution"
lambda = 0.5
[ensemble]
seed = 20260330
replicas = 400
starts = [-1.0, 1.0]
steps = { last = 40, spacing = "log", count = 6 }
TOML
try 0 check "$toml" --threads 1; silent_err check; says "on disk" check; says "law-equality" check
try 0 check "$toml" --threads 1 --json; silent_err "check --json"; is_json stdout "check --json"
[ "$(find . -name '*.h5*' ! -path './out/*' | wc -l)" = 0 ] || fail "check writes: $(find . -name '*.h5*')"
[ ! -e "a folder with spaces/out" ] || fail "check makes a folder"
try 0 check "$toml" --set model.lambda=0.3 --threads 1; silent_err "check --set"
try 0 run "$toml" --threads 1; silent_err "run in a pipe"
default="a folder with spaces/out/the run.h5"
[ -f "$default" ] || fail "the output is not in out/ beside the configuration: $(find . -name '*.h5')"
says "the run.h5" run; says "law-equality" run
[ "$(ls "a folder with spaces/out")" = "the run.h5" ] || fail "run leaves $(ls "a folder with spaces/out")"
(cd "a folder with spaces" && "$FOLDBACK" run "the run.toml" --quiet --force --threads 1 >../stdout 2>../stderr) || fail "run in the folder itself"
[ ! -s stdout ] && [ ! -s stderr ] || fail "--quiet prints: $(cat stdout stderr)"
try 0 run "$toml" -o "another place.h5" --quiet --threads 1
[ ! -s stdout ] && [ ! -s stderr ] || fail "--quiet prints: $(cat stdout stderr)"
[ -f "another place.h5" ] || fail "-o with spaces"
try 0 run "$toml" --output="third place.h5" --quiet --threads 1 --set model.lambda=0.25 --set 'record.observables=["spread"]'
try 0 run "$toml" -o ./fourth.h5 --no-verify --threads 1; silent_err "run --no-verify"
grep -q "law-equality" stdout && fail "run --no-verify prints verdicts"
try 0 run "$toml" -o relative.h5 --quiet --threads 1
[ -f relative.h5 ] || fail "-o without a folder"

# Reading it
try 0 inspect "$default"; silent_err inspect; says "/forward/state" inspect; says "data_sha256" inspect; says "verdicts" inspect
try 0 inspect "$default" --json; silent_err "inspect --json"; is_json stdout "inspect --json"
try 0 verify "$default"; silent_err verify; says "law-equality" verify; says "alpha" verify
try 0 verify "$default" --json; silent_err "verify --json"; is_json stdout "verify --json"
try 0 verify "$default" --save "an evaluation.h5"; silent_err "verify --save"
try 0 inspect "an evaluation.h5" --json; is_json stdout "inspect --json of an evaluation"
try 0 verify "fourth.h5" --json; is_json stdout "verify --json of an unverified run"
try 3 inspect "nowhere at all.h5"; complains "no such file" "inspect of nothing"
try 3 inspect "$toml"; complains "not an HDF5 file" "inspect of a text"

# A .part, left by a run that was told to stop
sed 's/replicas = 400/replicas = 4000/; s/last = 40,/last = 900,/' "$toml" >long.toml
printf '[record]\nmoments = "every_step"\n' >>long.toml
"$FOLDBACK" run long.toml -o long.h5 --threads 1 >stdout 2>stderr &
running=$!
for _ in $(seq 2000); do
    [ -e long.h5.part ] || { kill -0 $running 2>/dev/null || break; sleep 0.005; continue; }
    sleep 0.1
    break
done
kill -INT $running 2>/dev/null || true
# A job in the background of a script ignores SIGINT; SIGTERM is not ignored.
kill -TERM $running 2>/dev/null || true
code=0
wait $running || code=$?
if [ -e long.h5.part ]; then
    [ "$code" = 143 ] || [ "$code" = 130 ] || fail "an interrupted run: exit code $code"
    try 0 inspect long.h5.part; silent_err "inspect of a .part"; says "partial" "inspect of a .part"
    try 0 inspect long.h5.part --json; is_json stdout "inspect --json of a .part"; says '"partial"' "inspect --json of a .part"
    try 3 verify long.h5.part; complains "not finished" "verify of a .part"
    try 0 run long.toml -o long.h5 --resume --quiet --threads 1
else
    fail "the run to be interrupted had ended before"
fi

# What is wrong
try 2; complains "foldback: " "no verb"
try 2 simulate; complains "simulate" "an unknown verb"
try 2 list; complains "what" "list of nothing"
try 2 list modles; complains "did you mean 'models'" "list modles"
try 2 run "$toml" --frobnicate; complains "--frobnicate" "an unknown option"
try 2 verify "$default" --thread 2; complains "--thread" "an unknown option of verify"
try 2 verify; complains "file" "verify of nothing"
try 2 run "$toml" --threads many; complains "--threads" "--threads many"
try 2 run "$toml" --json; complains "--json" "run --json"

# A reader that goes away ends the program without a word of an error.
code=0
"$FOLDBACK" list claims 2>stderr | head -n 1 >/dev/null || code=$?
[ ! -s stderr ] || fail "list | head prints on stderr: $(head -c 200 stderr)"

[ "$failures" = 0 ] || { echo "$failures checks failed"; exit 1; }
echo "the command line says what it does"
