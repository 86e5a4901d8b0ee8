"""The command line ``onemap``: one file a group of commands."""
