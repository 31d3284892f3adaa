"""Two ways to use a page: with a mouse, and with a keyboard and nothing else."""

from playwright.sync_api import expect


class Mouse:
    def press(self, target):
        target.click()

    def tick(self, target):
        target.check()

    def write(self, target, text):
        target.fill(text)

    def select(self, target, label):
        target.select_option(label=label)

    def send(self, target, file):
        """By the label about the field, where somebody would press."""
        label = target.locator("xpath=ancestor::label")
        with target.page.expect_file_chooser() as chooser:
            label.click()
        chooser.value.set_files(file)


class Keyboard:
    """As somebody does who looks where the focus is."""

    def reach(self, target, most=400):
        expect(target).to_be_visible()
        for _ in range(most):
            if target.evaluate("(element) => element === document.activeElement"):
                return target.page.keyboard
            target.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by Tab")

    def press(self, target):
        self.reach(target).press("Enter")

    def tick(self, target):
        self.reach(target).press("Space")
        expect(target).to_be_checked()

    def write(self, target, text):
        keyboard = self.reach(target)
        keyboard.press("ControlOrMeta+a")
        keyboard.type(text)

    def select(self, target, label):
        self.reach(target).type(label)

    def send(self, target, file):
        with target.page.expect_file_chooser() as chooser:
            self.reach(target).press("Enter")
        chooser.value.set_files(file)
