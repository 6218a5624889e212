"""A workspace's data for a warehouse: as part files (`manage.py export`) and by the API. See docs/export.md."""
