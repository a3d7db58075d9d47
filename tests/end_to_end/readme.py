"""The README's own run and snippets do what they say: its TOML runs, its Python reads the file. The models of models/README.md run."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE, SCRATCH, FOLDBACK = (os.environ[name] for name in ("FOLDBACK_SOURCE", "SCRATCH", "FOLDBACK"))

ENSEMBLE = '[ensemble]\nseed = 1\nreplicas = 8\nstarts = [{ kind = "normal", scale = 0.5, seed = 1 }]\nsteps = { at = [1, 10] }\n'


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def main():
    text = (pathlib.Path(SOURCE) / "README.md").read_text()
    folder = pathlib.Path(SCRATCH)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fern, training = blocks(text, "toml")
    (folder / "fern.toml").write_text(fern)
    (folder / "training.toml").write_text(training)
    shutil.copytree(pathlib.Path(SOURCE) / "runs" / "data", folder / "runs" / "data")
    commands = re.findall(r"^    (foldback (?:check|run|verify|inspect|list)[^\n]*?)(?:  +.*)?$", text, re.M)
    assert len(commands) >= 5, commands
    for command in sorted(set(commands), key=lambda c: (" run " not in c, c)):
        if "--resume" in command:
            continue
        done = subprocess.run([FOLDBACK, *command.split()[1:]], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, (command, done.returncode, done.stdout[-2000:], done.stderr)
    done = subprocess.run([FOLDBACK, "run", "training.toml"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0 and re.search("sgd-mean-square +holds", done.stdout), (done.stdout, done.stderr)
    snippets = blocks(text, "python")
    assert len(snippets) == 2
    for snippet in snippets:
        done = subprocess.run([sys.executable, "-W", "error::UserWarning", "-c", snippet], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout, (snippet, done.stdout, done.stderr)
    models = [block for block in blocks((pathlib.Path(SOURCE) / "models" / "README.md").read_text(), "toml") if block.startswith("[model]")]
    assert len(models) == 2, models
    for model in models:
        (folder / "model.toml").write_text(model + ENSEMBLE)
        done = subprocess.run([FOLDBACK, "run", "model.toml", "--force"], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, (model, done.stdout, done.stderr)
    print(f"{len(commands)} commands and {len(snippets)} snippets of the README do what they say")


if __name__ == "__main__":
    main()
