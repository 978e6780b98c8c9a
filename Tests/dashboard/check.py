#!/usr/bin/env python3
"""Looks at the dashboard in a real browser while a job runs, beside a local cloud.

    Tests/with-local-cloud.sh .venv/bin/python Tests/dashboard/check.py --screenshots FOLDER

Uploads a scene whose name is markup, watches its frames land, and holds: the page moves by itself,
the name is text, cost, pools and the time left are shown, a settled job is listed, the browser's
console has no error, another host's name is refused.
"""

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_MAX = 180


def environment(state):
    """The local cloud's variables, as a shell that reads its env.sh has them."""
    lines = subprocess.run(
        ["bash", "-c", '. "$0" && env', f"{state}/env.sh"],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(line.split("=", 1) for line in lines.stdout.splitlines() if "=" in line)


def scene(folder):
    path = Path(folder) / "<img src=x onerror=alert(1)>.blend"
    subprocess.run(
        [
            "blender",
            "-b",
            "--factory-startup",
            "--python",
            "infra/demo/make_scene.py",
            "--",
            str(path),
            "--frames",
            "1-8",
            "--size",
            "256x144",
            "--samples",
            "8",
        ],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return path


def browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,1150"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # Debian's own: nothing is fetched.
    return webdriver.Chrome(
        options=options, service=webdriver.ChromeService("/usr/bin/chromedriver")
    )


class Page:
    def __init__(self, driver):
        self.driver = driver

    def count(self, selector):
        return len(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def text(self, selector):
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return found[0].text if found else ""

    def wait(self, what, holds):
        end = time.monotonic() + SECONDS_MAX
        while not holds():
            if time.monotonic() > end:
                raise SystemExit(f"dashboard: {what} did not come within {SECONDS_MAX} s.")
            time.sleep(0.2)


def require(holds, what):
    if not holds:
        raise SystemExit(f"dashboard: {what}")


def look(address, run, shots):
    driver = browser()
    try:
        driver.get(address)
        page = Page(driver)
        page.wait("the job", lambda: page.count("#jobs button") == 1)
        page.wait("a first picture", lambda: page.count("#frames figure.stored img") >= 1)
        first = page.count("#frames figure.stored")
        if shots:
            driver.save_screenshot(str(shots / "dashboard-rendering.png"))
        page.wait("the time left", lambda: "left" in page.text("#job-rest"))
        require("%" in page.text("#pools tbody tr td:last-child"), "the pools have no saving")
        require("On-Demand: $" in page.text("#on-demand"), "the cost has no On-Demand beside it")
        page.wait("the next picture", lambda: page.count("#frames figure.stored") > first)
        page.wait("the job's end", lambda: "succeeded" in page.text("#job-line"))
        paid = float(page.text("#paid").rpartition("$")[2])
        require(
            0 < paid < float(page.text("#on-demand").rpartition("$")[2]),
            "Spot is not below On-Demand",
        )
        for series in ("paid", "on-demand"):
            require(page.count(f"#costs polyline.{series}") == 1, f"the cost has no line {series}")
        page.wait("the settled job", lambda: page.count("#settled button") == 1)
        page.wait("the last picture", lambda: page.count("#frames figure.stored img") == 8)
        require(run.wait(timeout=SECONDS_MAX) == 0, "the job's run failed")
        # Lazy pictures count once they are in view: all are, on this window.
        page.wait(
            "whole pictures",
            lambda: driver.execute_script(
                "return [...document.querySelectorAll('#frames img')]"
                ".every(i => i.complete && i.naturalWidth === 256)"
            ),
        )
        require(
            "<img src=x onerror=alert(1)>" in page.text("#job-title"),
            "the job's name is not shown as text",
        )
        require(page.count("img[src='x']") == 0, "the job's name became markup")
        require(page.count("#timeline rect.succeeded") >= 2, "the timeline has no bars")
        if shots:
            driver.save_screenshot(str(shots / "dashboard-done.png"))
        errors = [
            entry for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
        ]
        require(not errors, f"the console says {errors}")
    finally:
        driver.quit()


def refuses_other_hosts(address):
    host = address.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(host)
    connection.request("GET", "/api/farm", headers={"Host": "attacker.example"})
    require(connection.getresponse().status == 403, "another host's name is answered")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--screenshots", type=Path)
    shots = parser.parse_args().screenshots
    state = os.environ["SPOTRENDER_TEST_CLOUD"]
    program = str(ROOT / "dist/spotrender")
    with tempfile.TemporaryDirectory() as folder:
        blend = scene(folder)
        server = subprocess.Popen(
            [program, "dashboard", "--port", "0"],
            env=environment(state),
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            address = server.stdout.readline().split()[-1]
            run = subprocess.Popen(
                [
                    program,
                    "local",
                    "run",
                    str(blend),
                    "--state",
                    state,
                    "--chunk",
                    "1",
                    "--out",
                    f"{folder}/frames",
                ],
                stdout=subprocess.DEVNULL,
            )
            refuses_other_hosts(address)
            look(address, run, shots)
        finally:
            server.terminate()
            server.wait()
    print("The dashboard shows a job from its first frame to its last; names stay text.")


if __name__ == "__main__":
    sys.exit(main())
