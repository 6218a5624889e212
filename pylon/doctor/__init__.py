"""What commonly goes wrong, looked at one by one: `manage.py doctor`. Each group of checks has a file of its own."""
