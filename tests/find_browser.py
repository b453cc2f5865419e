"""Before the tests: is there a Chromium? As root on Debian it is installed; else a clear word, and no silent skip."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_browser() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def install_browser() -> None:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print("Setting up: Chromium (Debian's package)", flush=True)
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        subprocess.run(command, check=False, env=environment, **quiet)


if __name__ == "__main__":
    if find_browser() is None and os.getuid() == 0 and shutil.which("apt-get"):
        install_browser()
    if find_browser() is None:
        sys.exit("The tests drive a real browser and found none. Install Chromium, or set CHROMIUM to its path.")
