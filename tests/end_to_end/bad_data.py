"""Data that are not what they seem are refused at their first fault, by file, line and column, before any work. Good ones give
the same bits from every format; a finished run holds them, so that it can be verified when their file is gone, and is not
resumed with others."""
import json
import resource
import signal

import h5py
import numpy as np

from _foldback import SOURCE, Checks, configuration, data_sha256, foldback, part_of, refuse, run, running, scratch, wait_for_blocks


def sgd(data, loss="least_squares", **others):
    model = f'[model]\nkind = "sgd"\nstep = 0.05\nbatch = 2\n[model.loss]\nkind = "{loss}"\nridge = 0.1\n[model.data]\n{data}\n'
    return configuration(model, **{"replicas": 60, "starts": "[[0.0, 0.0]]", **others})


ROWS = "u,v,y\n1,2,1\n3,-4,0\n5,6.5,1\n0,1,0\n"

# name: (name of the file, its content, further keys, loss, exit code, what the message must contain)
CSV = {
    "short row": ("u,v,y\n1,2,3\n4,5\n", "", 3, ["bad.csv:3:4:", "2 fields", "3"]),
    "long row": ("u,v,y\n1,2,3\n4,5,6,7\n", "", 3, ["bad.csv:3:7:", "4 fields", "3"]),
    "text among numbers": ("u,v,y\n1,2,3\n4,red,6\n", "", 3, ["bad.csv:3:3:", "'v'", "'red'"]),
    "empty field": ("u,v,y\n1,,3\n", "", 3, ["bad.csv:2:3:", "'v'", "empty"]),
    "nan": ("u,v,y\n1,2,3\nNaN,5,6\n", "", 3, ["bad.csv:3:1:", "'u'", "finite"]),
    "inf": ("u,v,y\n1,2,3\n4,-inf,6\n", "", 3, ["bad.csv:3:3:", "'v'", "finite"]),
    "beyond a double": ("u,v,y\n1,1e999,3\n", "", 3, ["bad.csv:2:3:", "'v'", "1e999"]),
    "nan as target": ("u,v,y\n1,2,nan\n", "", 3, ["bad.csv:2:5:", "target", "finite"]),
    "text as target": ("u,v,y\n1,2,red\n", "", 3, ["bad.csv:2:5:", "target", "'red'"]),
    "empty file": ("", "", 3, ["bad.csv", "no line"]),
    "header only": ("u,v,y\n", "", 3, ["bad.csv", "header"]),
    "no header": ("1,2,3\n4,5,6\n", "", 3, ["bad.csv:1:1:", "header = false"]),
    "other separator": ("u;v;y\n1;2;3\n", "", 3, ["bad.csv:1:1:", "separator"]),
    "open quote": ('u,v,y\n"1,2,3\n', "", 3, ["bad.csv:2:1:", "quote"]),
    "the same name twice": ("u,u,y\n1,2,3\n", "", 3, ["bad.csv:1:3:", "'u'"]),
    "too many training rows": (ROWS, "train = 5", 2, ["bad.toml:", "model.data.train", "4 rows"]),
    "no training rows": (ROWS, "train = 0", 2, ["bad.toml:", "model.data.train"]),
    "no such target": (ROWS, 'target = "w"', 2, ["bad.toml:", "model.data.target", "'w'"]),
    "target beyond the columns": (ROWS, "target = 4", 2, ["bad.toml:", "model.data.target", "3 columns"]),
    "unknown key": (ROWS, "standardize = true", 2, ["bad.toml:", "standardize", "did you mean 'standardise'"]),
    "unknown format": (ROWS, 'format = "tsv"', 2, ["bad.toml:", "model.data.format", "'tsv'"]),
    "another digest": (ROWS, 'sha256 = "0123"', 2, ["bad.toml:", "model.data.sha256", "0123"]),
    "beside a generator": (ROWS, 'generator = "linear"', 2, ["bad.toml:", "model.data.generator"]),
    "Latin-1": ("u,v,y\n1,2,\xe4\n".encode("latin-1"), "", 3, ["bad.csv:2:5:", "UTF-8"]),
    "binary": (bytes(range(256)) * 40, "", 3, ["bad.csv:1:1:", "NUL"]),
    "HDF5 as CSV": (b"\x89HDF\r\n\x1a\n" + bytes(100), "", 3, ["bad.csv", "HDF5", "format"]),
    "one endless line": (b"1," * 10_000_000, "", 3, ["bad.csv:1:1:", "16 MiB"]),
}
LABELS = {
    "a number that is no class": ("u,v,y\n1,2,0.5\n3,4,1\n", "", 3, ["bad.csv:2:5:", "0.5", "class"]),
    "text among numbers": ("u,v,y\n1,2,0\n3,4,1\n5,6,two\n", "", 3, ["bad.csv:4:5:", "'two'"]),
    "a third class": ("u,v,y\n1,2,a\n3,4,b\n5,6,c\n", "", 3, ["bad.csv:4:5:", "'c'"]),
    "one class only": ("u,v,y\n1,2,1\n3,4,1\n", "", 3, ["bad.csv", "one class"]),
    "empty label": ("u,v,y\n1,2,a\n3,4,\n", "", 3, ["bad.csv:3:5:", "empty"]),
    "not in the list": (ROWS, "labels = [1, 2]", 3, ["bad.csv:3:6:", "'0'", "class"]),
    "a class that does not train": ("u,v,y\n1,2,1\n3,4,1\n5,6,0\n", "train = 2", 2, ["bad.toml:", "model.data.train", "'0'"]),
}
LIBSVM = {
    "index 0": ("1 0:1\n", "", 3, ["bad.svm:1:3:", "index 0"]),
    "descending": ("1 2:1 1:1\n", "", 3, ["bad.svm:1:7:", "ascend"]),
    "no value": ("1 1:\n", "", 3, ["bad.svm:1:5:", "empty"]),
    "no pair": ("1 1\n", "", 3, ["bad.svm:1:3:", "INDEX:VALUE"]),
    "no target": ("1:1 2:1\n", "", 3, ["bad.svm:1:1:", "target"]),
    "nan": ("1 1:nan\n", "", 3, ["bad.svm:1:5:", "finite"]),
    "index beyond columns": ("1 3:1\n", "columns = 2", 3, ["bad.svm:1:3:", "columns = 2"]),
    "absurd index": ("1 1:1\n0 4000000000:1\n", "", 3, ["bad.svm:2:3:", "4000000000"]),
    "index beyond 64 bits": ("1 99999999999999999999:1\n", "", 3, ["bad.svm:1:3:", "99999999999999999999"]),
    "empty file": ("", "", 3, ["bad.svm", "no row"]),
}


def write_hdf5(path, features, targets):
    with h5py.File(path, "w") as file:
        file.create_dataset("features", data=features, compression="gzip" if features.size > 1000 else None)
        file["targets"] = targets


def check_refused(checks, folder):
    def refuse_data(name, data, code, parts, loss="least_squares"):
        toml = folder / "bad.toml"
        toml.write_text(sgd(data, loss))
        limits = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))}
        refuse(checks, folder, name, [toml, "--threads", "1"], code, parts, **limits)
        checks.equal(foldback("check", toml, code=None).returncode, code, f"{name}: exit code of check")

    for file, loss, cases in (("bad.csv", "least_squares", CSV), ("bad.csv", "logistic", LABELS), ("bad.svm", "least_squares", LIBSVM)):
        for name, (content, keys, code, parts) in cases.items():
            (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
            refuse_data(f"{file}, {name}", f'file = "{file}"\n{keys}', code, parts, loss)

    x, y = np.ones((4, 2)), np.arange(4.0)
    for name, features, targets, parts in (("a row too few", x, y[:3], ["bad.h5", "/targets", "(3)"]), ("flat features", y, y, ["bad.h5", "/features", "(4)"]),
                                           ("nan", np.where(np.arange(8).reshape(4, 2) == 5, np.nan, x), y, ["bad.h5", "/features[2, 1]", "finite"]),
                                           ("infinite target", x, np.array([1, 2, np.inf, 3]), ["bad.h5", "/targets[2]", "finite"]),
                                           ("texts as features", np.full((4, 2), b"a", "S1"), y, ["bad.h5", "/features", "no numbers"]),
                                           ("complex features", x.astype("c16"), y, ["bad.h5", "/features", "no numbers"]), ("booleans as targets", x, y > 1, ["bad.h5", "/targets", "neither"]), ("no rows", x[:0], y[:0], ["bad.h5", "/features", "(0, 2)"])):
        write_hdf5(folder / "bad.h5", features, targets)
        refuse_data(f"HDF5, {name}", 'file = "bad.h5"', 3, parts)
    refuse_data("HDF5, no such dataset", 'file = "bad.h5"\nfeatures = "/x"', 3, ["bad.h5", "/x"])
    (folder / "bad.h5").write_bytes(b"no HDF5")
    refuse_data("HDF5 that is none", 'file = "bad.h5"', 3, ["bad.h5", "HDF5"])

    refuse_data("no such file", 'file = "nowhere.csv"', 3, ["nowhere.csv", "No such file"])
    refuse_data("a directory", 'file = "."\nformat = "csv"', 3, ["directory"])
    refuse_data("a device", 'file = "/dev/zero"\nformat = "csv"', 3, ["/dev/zero", "regular file"])
    refuse_data("neither file nor generator", "train = 3", 2, ["bad.toml:", "model.data.file", "missing", "generator"])
    refuse_data("unknown ending", 'file = "rows.data"', 2, ["bad.toml:", "model.data.file", "format"])
    refuse_data("classes for numbers", 'generator = "linear"\nseed = 1\nrows = 9\ncolumns = 2\nnoise = 1', 2, ["bad.toml:", "model.data.generator", "logistic"], "logistic")
    # The harness itself: good data are not refused.
    blind = Checks()
    (folder / "good.csv").write_text(ROWS)
    (folder / "good.toml").write_text(sgd('file = "good.csv"'))
    refuse(blind, folder, "good", [folder / "good.toml", "--threads", "1"], 3, [])
    checks(len(blind.failures) >= 2, f"good data pass for bad ones: {blind.failures}")
    return len(CSV) + len(LABELS) + len(LIBSVM) + 16


def check_formats(checks, folder):
    """The same numbers in three formats are the same run."""
    table = np.loadtxt(ROWS.splitlines()[1:], delimiter=",")
    (folder / "rows.csv").write_text(ROWS)
    (folder / "rows.svm").write_text("".join(f"{row[2]:g} 1:{float(row[0])!r} 2:{float(row[1])!r} # a row\n" for row in table))
    write_hdf5(folder / "rows.h5", table[:, :2].astype("f4"), table[:, 2].astype("i2"))
    files = [run(folder, f"from-{ending}", sgd(f'file = "rows.{ending}"\ntrain = 3\nstandardise = true', "logistic")) for ending in ("csv", "svm", "h5")]
    checks.equal(len({data_sha256(path) for path in files}), 1, "runs from CSV, LIBSVM and HDF5 with different bits")
    with h5py.File(files[0], "r") as file:
        train = table[:3, :2]
        wanted = (table[:, :2] - train.mean(axis=0)) / train.std(axis=0)
        checks(np.allclose(file["/model/features"][()], wanted, rtol=1e-14), "/model/features are not the standardised columns")
        checks(np.array_equal(file["/model/targets"][()], table[:, 2]), "/model/targets are not the targets")
    write_hdf5(folder / "zeros.h5", np.zeros((100_000, 2)), np.zeros(100_000, ">i4"))
    zeros = foldback("check", folder / "from-csv.toml", "--set", 'model.data.file="zeros.h5"', "--set", 'model.loss.kind="least_squares"', code=None)
    checks.equal(zeros.returncode, 0, f"compressed zeros, smaller than what they stand for: exit code of check ({zeros.stderr[:300]})")
    for name, shape in (("breast_cancer", (569, 30)), ("digits", (1797, 64))):
        checked = foldback("check", folder / "from-csv.toml", "--json", code=None, cwd=folder, *[
            word for key in (f'model.data.file="{SOURCE}/runs/data/{name}.csv"', "model.loss.kind=\"least_squares\"",
                             f"ensemble.starts=[{[0.0] * shape[1]}]", "model.data.train=400") for word in ("--set", key)])
        if checks.equal(checked.returncode, 0, f"{name}.csv: exit code of check ({checked.stderr[:300]})"):
            resolved = json.loads(checked.stdout)["resolved"]["model"]["data"]
            checks.equal(resolved["file"], f"{name}.csv", "the folder of the data is in the resolved configuration")


def check_complete(checks, folder):
    """A finished file needs no other."""
    (folder / "data").mkdir()
    (folder / "data" / "rows.csv").write_text(ROWS)
    for name, more in (("single", ""), ("swept", '[sweep]\n"model.step" = [0.05, 0.1]\n')):
        path = run(folder, name, sgd('file = "data/rows.csv"\nintercept = true\nshuffle = 3', starts="[[0.0, 0.0, 0.0]]", more=more))
        before = foldback("verify", path, code=None)
        (folder / "data").rename(folder / "gone")
        after = foldback("verify", path, code=None)
        checks.equal((after.returncode, after.stdout, after.stderr), (before.returncode, before.stdout, before.stderr), f"{name}: verify without the CSV")
        checks(before.returncode in (0, 1), f"{name}: exit code of verify {before.returncode}: {before.stderr}")
        refuse(checks, folder, f"{name}, CSV gone", [folder / f"{name}.toml", "-o", folder / "b.h5"], 3, ["rows.csv", "No such file"])
        (folder / "gone").rename(folder / "data")
        with h5py.File(path, "r") as file:
            checks.equal(file["/model/features"].shape, (4, 3), f"{name}: shape of /model/features")
            checks(len(json.loads(file["/config/resolved"][()])["model"]["data"]["sha256"]) == 64, f"{name}: no sha256 of the data in /config/resolved")
    with h5py.File(folder / "swept.h5", "r") as file:
        checks.equal(file["/model/step"].dims[0][0].name, "/model.step", "the swept key's axis")


def check_resume(checks, folder):
    """Begun with some data, a run is not ended with others."""
    (folder / "rows.csv").write_text(ROWS)
    text = sgd('file = "rows.csv"', replicas=3000, steps='{ last = 400, spacing = "log", count = 6 }', more='[record]\nmoments = "every_step"\nstates = false\n')
    reference = run(folder, "whole", text)
    toml, output = folder / "whole.toml", folder / "parts.h5"
    with running("run", toml, "-o", output, "--quiet", "--threads", "1") as process:
        wait_for_blocks(output, process, 1)
        process.send_signal(signal.SIGINT)
        checks.equal(process.wait(60), 130, "exit code of the interrupted run")
    if not checks(part_of(output).exists(), "the run ended before it could be interrupted"):
        return
    (folder / "rows.csv").write_text(ROWS.replace("6.5", "6.25"))
    other = foldback("run", toml, "-o", output, "--quiet", "--resume", code=None)
    checks.equal(other.returncode, 2, "exit code of a resume with other data")
    checks.holds(other.stderr, "parts.h5.part", "model.data.sha256", "--force", what="resume with other data")
    (folder / "rows.csv").write_text(ROWS)
    foldback("run", toml, "-o", output, "--quiet", "--threads", "1", "--resume")
    checks.equal(data_sha256(output), data_sha256(reference), "data_sha256 after the resume")


def main():
    checks = Checks()
    folder = scratch()
    refused = check_refused(checks, folder)
    for check in (check_formats, check_complete, check_resume):
        own = folder / check.__name__
        own.mkdir()
        check(checks, own)
    checks.finish(f"{refused} data sets refused with their place; the same bits from every format; complete files; no resume with other data")


if __name__ == "__main__":
    main()
