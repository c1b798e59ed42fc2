"""A person's due days in their own calendar program: the page that gives the address, and what stands at it."""
