"""Every digest and data_sha256 of real files is what sim/file-format.md says, recomputed here in a few lines; and the
provenance attributes are there, well formed, and tell nothing about the machine or the user."""
import getpass
import os
import re
import shutil
import socket
import sys

import h5py
import numpy as np

from _foldback import FERN, SINE, SOURCE, SUPPORT, Checks, blocks_of_moments, configuration, data_sha256, foldback, run, scratch, text_of

sys.path.insert(0, str(SUPPORT))
from recompute_digest import recompute  # noqa: E402

# What sim/file-format.md says to be no result.
WITHOUT_DIGEST = re.compile(r"/(claims|config|distance|law|merging|model|progress)/")
PATTERNS = {
    "format": r"foldback", "format_version": r"1\.\d+", "title": r".*", "software_version": r"\d+\.\d+\.\d+.*",
    "git_revision": r"[0-9a-f]{7,64}|unknown|", "compiler": r"(GNU|Clang|g\+\+|gcc|clang).*\d+.*", "compiler_flags": r".*-ffp-contract=off.*",
    "libraries": r".*HDF5.*", "created": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "finished": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "status": r"complete", "command_line": r"foldback run .*", "generator": r"Philox4x32-10.*", "bits": r"portable|same_libm",
    "configuration_hash": r"[0-9a-f]{64}", "data_sha256": r"[0-9a-f]{64}", "axis_order": r"C",
}
PATH = re.compile(r"(?:^|[\s\"'(=:,;])(/[A-Za-z0-9_.+-]+/[^\s\"']*)")


def all_texts(path):
    """(where, text) of every attribute and every text dataset."""
    with h5py.File(path, "r") as file:
        holders = {"/": file}
        file.visititems(lambda name, item: holders.update({"/" + name: item}))
        for name, item in holders.items():
            for attribute, value in item.attrs.items():
                if attribute not in ("REFERENCE_LIST", "DIMENSION_LIST") and (isinstance(value, (str, bytes)) or getattr(value, "dtype", None) == object):
                    for text in np.atleast_1d(value):
                        yield f"{name}@{attribute}", text_of(text)
            if isinstance(item, h5py.Dataset) and h5py.check_string_dtype(item.dtype):
                for text in np.atleast_1d(item.asstr()[()]):
                    yield name, str(text)


def check_digests(checks, path):
    computed, wrong, stated = recompute(path)
    checks(not wrong, f"{path.name}: wrong digests of {wrong}")
    checks.equal(stated, computed, f"{path.name}: data_sha256")

    def visit(name, item):
        name = "/" + name
        if not isinstance(item, h5py.Dataset) or WITHOUT_DIGEST.match(name) or "CLASS" in item.attrs or name.endswith("/start_state"):
            return
        checks("digest" in item.attrs, f"{path.name}: {name} has no digest")

    with h5py.File(path, "r") as file:
        file.visititems(visit)


def check_provenance(checks, path, seed):
    with h5py.File(path, "r") as file:
        for name, pattern in PATTERNS.items():
            if checks(name in file.attrs, f"{path.name}: no attribute {name}"):
                text = text_of(file.attrs[name])
                checks(re.fullmatch(pattern, text, re.DOTALL), f"{path.name}: {name} = {text!r} does not look like {pattern}")
        checks.equal(int(file.attrs["seed"]), seed, f"{path.name}: seed")
        checks(file.attrs["git_dirty"] in (0, 1), f"{path.name}: git_dirty")
        checks(text_of(file.attrs["created"]) <= text_of(file.attrs["finished"]), f"{path.name}: finished before created")


def check_private(checks, path, secrets):
    """No absolute path, host or user name, neither in a text nor anywhere in the bytes."""
    with h5py.File(path, "r") as file:
        own = set(file) | {"forward", "backward", "maps", "stopped", "merging"}  # texts may name objects of such a file
    for where, text in all_texts(path):
        found = [at for at in PATH.findall(text) if at.split("/")[1] not in own]
        checks(not found, f"{path.name}: {where} holds the paths {found}: {text[:200]}")
    content = path.read_bytes()
    for kind, secret in secrets.items():
        at = content.find(secret.encode())
        checks(at < 0, f"{path.name}: the {kind} {secret!r} is in its bytes: {content[max(0, at - 60):at + 80]!r}")


def damage(path, change):
    copy = path.with_name("damaged.h5")
    shutil.copy(path, copy)
    with h5py.File(copy, "r+") as file:
        change(file)
    computed, wrong, stated = recompute(copy)
    return bool(wrong) or computed != stated


def swap_rows(file):
    state = file["/forward/state"]
    a, b = state[0], state[-1]
    state[0], state[-1] = b, a


def change_one(file):
    file["/moments/backward/mean"][0, 0, 0] += 1e-15


def main():
    checks = Checks()
    folder = scratch()
    environment = dict(os.environ, USER="unmistakable-user", LOGNAME="unmistakable-user", HOME="/home/unmistakable-user")
    secrets = {"user": "unmistakable-user", "folder of the output": str(folder), "folder of the source": str(SOURCE)}
    if len(socket.gethostname()) >= 6:
        secrets["host"] = socket.gethostname()
    if getpass.getuser() != "root":
        secrets["user's name"] = getpass.getuser()

    toml = folder / "plain.toml"
    toml.write_text(configuration(replicas=300, more="[record]\npaths = 2"))
    plain = folder / "plain.h5"
    foldback("run", toml, f"--output={plain}", "--threads", "1", "--quiet", env=environment)
    others = [
        run(folder, "blocks", blocks_of_moments(FERN, replicas=500, last=600, starts="[[0.0, 0.0], [1.0, 1.0]]", more_record="paths = 2")),
        run(folder, "float32", configuration(SINE, replicas=300, more='[record]\nprecision = "float32"\n[stop]\nproduct = 0.01\nmax_steps = 99')),
        run(folder, "merging", configuration(SINE, replicas=300, ensemble="merge_tolerance = 1e-9")),
        run(folder, "sweep", configuration(replicas=50, more='[sweep]\n"model.lambda" = [0.3, 0.5]')),
    ]
    for path in (plain, *others):
        check_digests(checks, path)
        check_provenance(checks, path, 20260330)
        check_private(checks, path, secrets)
    with h5py.File(plain, "r") as file:
        checks.equal(file["/config/toml"].asstr()[()], toml.read_text(), "/config/toml")
    checks.equal(run(folder, "again", toml.read_text()).read_bytes() != b"" and data_sha256(folder / "again.h5"), data_sha256(plain), "data_sha256 of a second run")

    # Negative controls: a changed number and two exchanged replicas are seen.
    checks(damage(plain, change_one), "a changed mean is not seen")
    checks(damage(plain, swap_rows), "two exchanged replicas are not seen")
    checks.finish("all digests recomputed; nothing about the machine or the user")


if __name__ == "__main__":
    main()
