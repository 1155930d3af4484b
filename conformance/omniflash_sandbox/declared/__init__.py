"""Vendors declared by a file: the contract that a stranger's provider ships, and the vendor that is made from one."""

from omniflash_sandbox.declared.contract import Contract, contract_from

__all__ = ["Contract", "contract_from"]
