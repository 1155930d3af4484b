"""Whose key it is. A key itself is never kept: only a short name made from its hash."""

from collections.abc import Mapping
from hashlib import sha256

from attrs import frozen

OWN_KEYS: Mapping[str, str] = {"fal": "sandbox:omniflash", "pixeldojo": "pd_sandbox_omniflash"}
"""The keys the sandbox hands out for itself, by provider; their account is called `sandbox`."""
OWN_ENDING = "_sandbox_omniflash"  # of the key that a declared vendor has, behind its name

REFUSED = "wrong"  # in a key: nobody knows it
PENNILESS = "poor"  # in a key: its account has no credit
SCHEMES = ("basic", "bearer", "key")


@frozen
class Account:
    """An account, opened by the first request that carries its key."""

    name: str
    solvent: bool = True


NOBODY = Account("nobody", solvent=False)


def account(key: str) -> Account | None:
    """The account of a key, or None for one that contains `wrong`; one that contains `poor` has no credit."""
    return None if REFUSED in key else Account(account_name(key), solvent=PENNILESS not in key)


def own_key(provider: str) -> str:
    """The key that the sandbox hands out for itself."""
    return OWN_KEYS.get(provider, provider + OWN_ENDING)


def account_name(key: str) -> str:
    own = key in OWN_KEYS.values() or key.endswith(OWN_ENDING)
    return "sandbox" if own else f"acct_{sha256(key.encode()).hexdigest()[:12]}"


def without_key(authorization: str) -> str:
    """An Authorization header as it may be shown: its scheme, if it is one, and the account's name for the key."""
    scheme, _, key = authorization.partition(" ")
    return f"{scheme} {account_name(key.strip())}" if scheme.lower() in SCHEMES else account_name(authorization)
