"""Starting a case by its start form."""
