"""What stands still and what comes next."""
