"""`python -m omniflash_sandbox`: the command `omniflash sandbox`, without the rest of omniflash."""

import sys

import cyclopts

from omniflash_sandbox.command import sandbox

app = cyclopts.App(name="omniflash sandbox", result_action="return_value")
app.default(sandbox)

if __name__ == "__main__":
    sys.exit(app())
