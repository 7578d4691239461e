"""Debian's Chromium without a window, and the explorer served to it."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

PROGRAMS = tuple(map(shutil.which, ("chromium", "chromedriver")))
# Panel keeps every control in a shadow root of its own.
FIND = """const found = [];
const walk = root => {
    found.push(...root.querySelectorAll(arguments[0]));
    root.querySelectorAll('*').forEach(e => e.shadowRoot && walk(e.shadowRoot));
};
walk(document);
return found"""


@contextlib.contextmanager
def served(*args):
    """Run ``ballerup explore``; gives the address it prints and the process."""
    command = [str(Path(sys.executable).with_name("ballerup")), "explore", *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[0], process
        finally:
            process.terminate()


class Browser:
    """Chromium at 1280 × 900 that finds elements through shadow roots."""

    LEFT, RIGHT, PAGE_DOWN, ENTER, TAB = Keys.ARROW_LEFT, Keys.ARROW_RIGHT, Keys.PAGE_DOWN, Keys.ENTER, Keys.TAB

    def __init__(self, downloads="."):
        options = webdriver.ChromeOptions()
        options.binary_location, driver = PROGRAMS
        for argument in ("--headless=new", "--window-size=1280,900", *(["--no-sandbox"] if os.getuid() == 0 else [])):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options, Service(driver))
        self.get = self.driver.get

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def find(self, css):
        return self.driver.execute_script(FIND, css)

    def texts(self, css):
        return self.driver.execute_script(FIND + ".map(e => e.innerText)", css)

    def slider(self, label):
        at = [text.startswith(label) for text in self.texts(".caption")].index(True)
        return self.find(".noUi-handle")[at]

    def until(self, condition):
        return WebDriverWait(self.driver, 10, poll_frequency=0.05).until(lambda _: condition())
