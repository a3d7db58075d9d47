"""What the tests of figures share: the plotting script, its pictures, and the words in them."""
import os
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree as xml

SOURCE = os.environ.get("FOLDBACK_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SCRATCH = os.environ.get("SCRATCH", "/tmp/foldback-plot-figures")
sys.path[:0] = [os.path.join(SOURCE, "tests", "support"), os.path.join(SOURCE, "analysis")]
sys.dont_write_bytecode = True

HEADS = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "svg": b"<?xml"}


def path_of(name):
    return os.path.join(SCRATCH, name)


def plot(*arguments, env=None):
    done = subprocess.run([sys.executable, os.path.join(SOURCE, "analysis", "plot.py"), *map(str, arguments)],
                          capture_output=True, text=True, env=dict(os.environ, **(env or {})))
    return done.returncode, done.stdout, done.stderr


def words_of(svg):
    return "\n".join("".join(node.itertext()) for node in xml.parse(svg).iter("{http://www.w3.org/2000/svg}text"))


class FigureTest(unittest.TestCase):
    def draw(self, file, figure, form="svg", *more, folder="out"):
        code, out, err = plot(path_of(file), "--figure", figure, "--output", path_of(folder), "--format", form, *more)
        self.assertEqual(code, 0, err)
        self.assertNotIn("Traceback", err)
        written = out.split("\n")[:-1]
        for picture in written:
            with open(picture, "rb") as opened:
                content = opened.read()
            self.assertTrue(content.startswith(HEADS[form]), picture)
            self.assertGreater(len(content), 5000, picture)
        return written, err


def fresh_scratch():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    os.makedirs(SCRATCH)
