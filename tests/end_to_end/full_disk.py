"""A device too small for the file, and one that fills up during the run: both on a small file system of their own.

Needs the right to mount one (root, or user namespaces); without it the test is reported as skipped.
"""
import os
import pathlib
import subprocess
import sys

PROGRAM = pathlib.Path(os.environ["FOLDBACK_BUILD"]) / "tests" / "write_example"
SCRATCH = pathlib.Path(os.environ["SCRATCH"])


def enter_own_mounts():
    options = ["--mount"] if os.geteuid() == 0 else ["--mount", "--map-root-user"]
    if subprocess.run(["unshare", *options, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False).returncode != 0:
        print("NOT RUN: full_disk.py may not mount a file system here (neither root nor user namespaces)", file=sys.stderr)
        sys.exit(77)
    os.execvp("unshare", ["unshare", *options, sys.executable, __file__, "inside"])


def device(size):
    folder = SCRATCH / size
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=True)
    return folder


def write(folder, *options):
    return subprocess.run([PROGRAM, folder / "a.h5", *options], capture_output=True, text=True, check=False)


def main():
    reference = SCRATCH / "reference"
    reference.mkdir(parents=True, exist_ok=True)
    (reference / "a.h5").unlink(missing_ok=True)
    assert write(reference).returncode == 0

    small = device("32k")
    done = write(small)
    assert done.returncode == 3, done
    assert "not enough space: the file needs" in done.stderr and "free" in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not list(small.iterdir()), "something is left on the full device"

    large = device("4m")
    assert write(large, "--interrupt").returncode == 130
    with open(large / "filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError as error:
            assert error.errno == 28, error
    done = write(large, "--resume")
    assert done.returncode == 0, f"the space was reserved, and yet: {done.stderr}"
    assert (large / "a.h5").read_bytes() == (reference / "a.h5").read_bytes()
    print("too small a device is refused before anything is written; a run whose space is reserved survives a full one")


if __name__ == "__main__":
    main() if sys.argv[1:] == ["inside"] else enter_own_mounts()
