"""Debian's Chromium without a window, driven by keys."""

import os
import shutil
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

PROGRAMS = tuple(map(shutil.which, ("chromium", "chromedriver")))
ROOT = Path(__file__).parents[1]
AXE = Path(os.environ.get("AXE_CORE", ROOT / "node_modules" / "axe-core")) / "axe.min.js"


class Browser:
    """Chromium that is told what to do by keys alone."""

    LEFT, RIGHT = Keys.ARROW_LEFT, Keys.ARROW_RIGHT

    def __init__(self, downloads=".", width=1280):
        options = webdriver.ChromeOptions()
        options.binary_location, driver = PROGRAMS
        for argument in (
            "--headless=new",
            f"--window-size={width},900",
            *(["--no-sandbox"] if os.getuid() == 0 else []),
        ):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options, Service(driver))
        self.get, self.run = self.driver.get, self.driver.execute_script

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def keys(self, *keys):
        """Press keys, one after another."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def fill(self, text):
        """Put a text in place of what a box holds, and go on to the next."""
        actions = ActionChains(self.driver)
        actions.key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).send_keys(text, Keys.TAB).perform()

    def tab_to(self, id, most=200):
        """Press Tab until an element has the focus."""
        for _ in range(most):
            if self.run("return document.activeElement.id") == id:
                return
            self.keys(Keys.TAB)
        raise AssertionError(f"{id} cannot be reached with Tab")

    def text(self, css):
        """Return the text of the first element."""
        return self.run("return document.querySelector(arguments[0]).innerText", css)

    def count(self, css):
        """Return how many elements there are."""
        return self.run("return document.querySelectorAll(arguments[0]).length", css)

    def until(self, condition, seconds=60):
        """Wait for a condition, long enough for a busy machine."""
        return WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(lambda _: condition())

    def faults(self):
        """Return what axe finds wrong, as sentences."""
        self.run(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations.map(v =>"
            " v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + (n.any[0] || n.all[0] || n.none[0] || {}).message).join(' | '))))"
        )
        return found
