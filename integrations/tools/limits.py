"""What is too much."""

from __future__ import annotations

LONGEST_COMMENT = 40_000
"""Characters of a comment of the tool that are taken over; of more, the beginning."""
LARGEST_WEBHOOK = 1024 * 1024
"""Bytes of a webhook that are taken; a larger one is refused, and the ticket read at the next poll or change."""
LARGEST_FILE = 20 * 1024 * 1024
"""Bytes of a file that goes over; of a larger one its address does."""
