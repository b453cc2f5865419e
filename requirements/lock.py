"""Resolve *.in into *.txt with hashes and without any download address."""

import subprocess
import sys
from pathlib import Path

UV = Path(sys.executable).parent / "uv"
HERE = Path(__file__).parent
LOCAL_PACKAGES = ["shared", "booking", "payment", "notify", "demo"]


def compile_lock(name: str, *extra: str) -> None:
    command = [str(UV), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    command += ["--generate-hashes", "--no-header", "--no-annotate"]
    for package in LOCAL_PACKAGES:
        command += ["--no-emit-package", f"schalter-{package}"]
    command += [*extra, f"requirements/{name}.in", "-o", f"requirements/{name}.txt"]
    subprocess.run(command, check=True, cwd=HERE.parent)


compile_lock("uv")
compile_lock("node")
compile_lock("dev", *sys.argv[1:])
compile_lock("run", "--constraint", "requirements/dev.txt")
