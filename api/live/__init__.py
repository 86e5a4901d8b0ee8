"""What changes, told while it happens: one follower of the log a process, one stream a reader."""
