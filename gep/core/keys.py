"""The ids of an account that name no place, no ecosystem or no zone of a study (a contract of `account.csv`)."""

from __future__ import annotations

NONE = "_none"
"""What belongs to no ecosystem, class, service or component."""
CITY = "_city"
"""The whole area, for a figure that exists for it alone."""
UNALLOCATED = "_unallocated"
"""Land inside the outline that lies in no zone."""
