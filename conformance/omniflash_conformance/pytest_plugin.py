"""`pytest --pyargs omniflash_conformance --omniflash-provider fal`: the suite as tests.

Loading this loads nothing but pytest: it is installed in everybody's pytest who has omniflash. The rest is loaded by
the suite's own test module, when that is collected.
"""

import pytest

AGAINST = ("sandbox", "recorded", "live")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The suite's options."""
    group = parser.getgroup("omniflash", "the conformance suite of omniflash")
    group.addoption("--omniflash-provider", action="append", default=[], metavar="NAME", help="whom to hold to it")
    group.addoption("--omniflash-against", choices=AGAINST, default=AGAINST[0], help="on which ground")
    group.addoption("--omniflash-case", action="append", default=[], metavar="ID", help="a case, a clause, or a family")
    group.addoption("--omniflash-cassettes", metavar="FOLDER", help="the folder of recordings")
    group.addoption("--omniflash-max-cost", metavar="USD", help="what each provider may cost, live")
    group.addoption("--omniflash-seed", type=int, default=0, metavar="N", help="decides what is drawn")
    group.addoption("--omniflash-examples", type=int, default=25, metavar="N", help="how many a drawn case looks at")
