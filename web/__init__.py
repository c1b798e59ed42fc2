"""The people's door: pages, log-in, command line, worker."""
