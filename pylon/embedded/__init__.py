"""PostgreSQL and Redis without installing either: the programs come from two Python packages, the data stays
in one folder (`PYLON_HOME`), and both listen on Unix sockets only.

Importing this starts nothing and needs no Django, so the settings can ask for the addresses.
"""

from pylon.embedded.folders import EmbeddedError, claim, database_url, home, is_home, redis_url
from pylon.embedded.services import delete, services

__all__ = ["EmbeddedError", "claim", "database_url", "delete", "home", "is_home", "redis_url", "services"]
