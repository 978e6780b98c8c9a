"""The dashboard in a real browser while a job runs.

The scene's name is markup. The page updates itself and shows the name as text, the cost, the pools
and the time left. It lists the settled job. The browser's console has no error. A request with
another host's name is refused. This file needs a cloud that has had no other job.

SPOTRENDER_SCREENSHOTS=FOLDER keeps two pictures of the page.
"""

import http.client
import os
import subprocess
import tempfile
from pathlib import Path

from harness import SECONDS_MAX, cloud, expect, scene, start, until
from selenium import webdriver
from selenium.webdriver.common.by import By

NAME = "<img src=x onerror=alert(1)>"
FRAME_COUNT = 8
QUIET = {"stdout": subprocess.DEVNULL, "stderr": None}


def browser(folder):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,1150"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # Debian's own driver, so that Selenium downloads none.
    return webdriver.Chrome(
        options=options,
        service=webdriver.ChromeService(
            "/usr/bin/chromedriver", env=os.environ | {"TMPDIR": folder}
        ),
    )


class Page:
    def __init__(self, driver):
        self.driver = driver

    def count(self, selector):
        return len(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def text(self, selector):
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return found[0].text if found else ""

    def dollars(self, selector):
        return float(self.text(selector).rpartition("$")[2])

    def save(self, name):
        if folder := os.environ.get("SPOTRENDER_SCREENSHOTS"):
            self.driver.save_screenshot(str(Path(folder) / f"dashboard-{name}.png"))

    def pictures_are_whole(self):
        # Lazy pictures load once they are in view. On this window all of them are.
        return self.driver.execute_script(
            "return [...document.querySelectorAll('#frames img')]"
            ".every(i => i.complete && i.naturalWidth === 256)"
        )

    def complaints(self):
        entries = self.driver.get_log("browser")
        return [entry for entry in entries if entry["level"] in ("SEVERE", "WARNING")]


def shows_a_job_while_it_renders(page):
    until("the job is listed", lambda: page.count("#jobs button") == 1)
    until("a first picture comes", lambda: page.count("#frames figure.stored img") >= 1)
    first = page.count("#frames figure.stored")
    page.save("rendering")
    until("the time left is shown", lambda: "left" in page.text("#job-rest"))
    expect("%" in page.text("#pools tbody tr td:last-child"), "the pools show a saving")
    expect("On-Demand: $" in page.text("#on-demand"), "the cost stands beside On-Demand's")
    until("the next picture comes", lambda: page.count("#frames figure.stored") > first)


def shows_a_job_that_succeeded(page, rendering):
    until("the job succeeds", lambda: "succeeded" in page.text("#job-line"))
    costs = (page.dollars("#paid"), page.dollars("#on-demand"))
    expect(0 < costs[0] < costs[1], "Spot costs less than On-Demand", costs)
    for series in ("paid", "on-demand"):
        expect(page.count(f"#costs polyline.{series}") == 1, f"the cost has a line {series}")
    until("the job is settled", lambda: page.count("#settled button") == 1)
    all_stored = lambda: page.count("#frames figure.stored img") == FRAME_COUNT  # noqa: E731
    until("the last picture comes", all_stored)
    expect(rendering.wait(timeout=SECONDS_MAX) == 0, "the command that renders succeeds")
    until("every picture is whole", page.pictures_are_whole)
    expect(NAME in page.text("#job-title"), "the job's name is text", page.text("#job-title"))
    expect(page.count("img[src='x']") == 0, "the job's name is not markup")
    expect(page.count("#timeline rect.succeeded") >= 2, "the timeline has bars")
    page.save("done")
    complaints = page.complaints()
    expect(not complaints, "the browser's console has no error", complaints)


def refuses_other_hosts(address):
    connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"))
    connection.request("GET", "/api/farm", headers={"Host": "attacker.example"})
    status = connection.getresponse().status
    connection.close()
    expect(status == 403, "another host's name is refused", status)


def main():
    with tempfile.TemporaryDirectory() as folder:
        size = ["--size", "256x144", "--samples", "8"]
        path = scene(folder, NAME, "--frames", f"1-{FRAME_COUNT}", *size, is_tiny=False)
        server = start("dashboard", "--port", "0", stderr=None)
        try:
            address = server.stdout.readline().split()[-1]
            state = ["--state", cloud().state, "--out", f"{folder}/frames"]
            rendering = start("local", "run", path, "--chunk", "1", *state, **QUIET)
            refuses_other_hosts(address)
            driver = browser(folder)
            try:
                driver.get(address)
                page = Page(driver)
                shows_a_job_while_it_renders(page)
                shows_a_job_that_succeeded(page, rendering)
            finally:
                driver.quit()
        finally:
            server.terminate()
            server.communicate()
