"""What an adapter declares (CAP-DECLARE)."""

from ..bench import AdapterBench
from ..case import case


@case("CAP-DECLARE-1", "the declaration is a declaration")
def it_is_a_declaration(bench: AdapterBench) -> None:
    """Written on another branch."""
