#!/usr/bin/env python3
"""Draws the standard figures of a foldback file; `foldback plot` runs it.

Writes DIR/NAME-FIGURE.FORMAT for FILE = NAME.h5 and prints one line per figure written. Exit codes: 0 drawn; 2 the
command line is wrong; 3 the file can't be used, lacks what a figure needs, or a package is missing.
"""
import argparse
import importlib
import os
import sys
import warnings

PACKAGES = {"numpy": "python3-numpy", "h5py": "python3-h5py", "matplotlib": "python3-matplotlib"}
FIGURES = {"paths": "paths.draw_paths", "cloud": "paths.draw_cloud", "limit": "limit.draw_limit", "law": "law.draw_law",
           "wasserstein": "wasserstein.draw_wasserstein", "loss": "loss.draw_loss", "descent": "descent.draw_descent",
           "ode": "ode.draw_ode", "passes": "passes.draw_passes", "phase": "phase.draw_phase", "verdicts": "verdicts.draw_verdicts"}
FORMATS = ("svg", "png", "pdf")


def fail(code, message):
    print(f"plot: {message}", file=sys.stderr)
    sys.exit(code)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        fail(2, f"{message}; see --help")


def replica_list(text):
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of replicas such as 0,1,2") from None
    if min(numbers) < 0 or len(set(numbers)) != len(numbers):
        raise argparse.ArgumentTypeError(f"'{text}': replicas are distinct numbers from 0 on, such as 0,1,2")
    return numbers


def arguments():
    parser = Parser(prog="plot", description="Draws the standard figures of a foldback file.", allow_abbrev=False)
    parser.add_argument("file", metavar="FILE", help="a published foldback file, NAME.h5")
    parser.add_argument("--figure", default="all", metavar="NAME", help=f"{', '.join(FIGURES)} or all (default)")
    parser.add_argument("--output", default=".", metavar="DIR", help="folder of the pictures (default: this one)")
    parser.add_argument("--format", default="svg", choices=FORMATS, help="svg (default), png or pdf")
    parser.add_argument("--replicas", type=replica_list, metavar="0,1,2",
                        help="whose paths to show (default: the first 4)")
    parser.add_argument("--start", type=int, default=0, metavar="I", help="index of the start (default: 0)")
    parser.add_argument("--component", type=int, default=0, metavar="I", help="index of the component (default: 0)")
    options = parser.parse_args()
    if options.figure != "all" and options.figure not in FIGURES:
        fail(2, f"--figure {options.figure}: no such figure; there are {', '.join(FIGURES)} and all")
    return options


def require_packages():
    for package, debian in PACKAGES.items():
        try:
            importlib.import_module(package)
        except ImportError as error:
            missing = (getattr(error, "name", None) or package).split(".")[0]
            why = "" if missing == package else f" (it needs {missing}: {' '.join(str(error).split())})"
            fail(3, f"the Python package {package} can't be loaded by {sys.executable}{why}; install "
                    f"Debian's {debian}, or set FOLDBACK_PYTHON to a Python that has it")


def save(fig, path, form, title):
    """Writes beside the target and renames, so that nobody meets half a picture. Nothing of the day or the machine."""
    metadata = {"svg": {"Date": None, "Creator": "foldback", "Title": title},
                "png": {"Software": "foldback", "Title": title.encode("latin-1", "replace").decode("latin-1")},
                "pdf": {"CreationDate": None, "Creator": "foldback", "Producer": "foldback", "Title": title}}[form]
    part = f"{path}.{os.getpid()}.part"
    try:
        fig.savefig(part, format=form, metadata=metadata)
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.unlink(part)


def draw(source, options, name):
    from plotting import style
    module, function = FIGURES[name].split(".")
    fig = getattr(importlib.import_module(f"plotting.{module}"), function)(source, options)
    stem = os.path.splitext(os.path.basename(options.file))[0]
    path = os.path.join(options.output, f"{stem}-{name}.{options.format}")
    try:
        save(fig, path, options.format, style.plain(f"{source.title}: {name}").replace(r"\$", "$"))
    except OSError as error:
        fail(3, f"{path} can't be written: {error.strerror or error}")
    print(path, flush=True)


def main():
    # A reader neither blocks a run nor needs locks of the file system, and leaves no compiled modules behind.
    os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"
    sys.dont_write_bytecode = True
    options = arguments()
    require_packages()
    import matplotlib
    matplotlib.use("Agg")
    warnings.simplefilter("error")
    # A title may hold characters that the font lacks: a box in a PNG, and the reader's own font in an SVG.
    warnings.filterwarnings("ignore", message="Glyph .* missing from current font")
    from plotting.source import Missing, Source, Unusable, WrongArgument

    try:
        os.makedirs(options.output, exist_ok=True)
    except OSError as error:
        fail(3, f"the folder {options.output} can't be made: {error.strerror}")
    drawn = 0
    try:
        source = Source(options.file)
        for name in FIGURES if options.figure == "all" else [options.figure]:
            try:
                draw(source, options, name)
                drawn += 1
            except Missing as missing:
                if options.figure != "all":
                    fail(3, f"{options.file} can't give figure {name}: {missing}")
                print(f"plot: figure {name} left out: {missing}", file=sys.stderr)
    except Unusable as error:
        fail(3, str(error))
    except WrongArgument as error:
        fail(2, str(error))
    except (OSError, KeyError) as error:
        fail(3, f"{options.file} is damaged or not as its format says: {' '.join(str(error).split())}")
    if not drawn:
        fail(3, f"{options.file} has the data of no figure")


if __name__ == "__main__":
    main()
