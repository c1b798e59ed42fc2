"""What waits for a person, and the task with its form."""
