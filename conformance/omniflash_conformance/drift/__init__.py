"""Whether a vendor has changed: its published schemas and its recorded answers, held against the contracts."""
