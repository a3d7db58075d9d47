"""The library that kills a writer before a given call (crash_at_write.c), where LD_PRELOAD can name it."""
import os
import pathlib
import shutil
import tempfile


def preloaded():
    """Path of the library without spaces or colons, at which LD_PRELOAD would cut it."""
    library = pathlib.Path(os.environ["FOLDBACK_BUILD"]) / "tests" / "libcrash_at_write.so"
    if not set(" :") & set(str(library)):
        return library
    folder = pathlib.Path(tempfile.mkdtemp(prefix="foldback-preload-"))
    return pathlib.Path(shutil.copy(library, folder))
