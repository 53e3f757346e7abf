"""A real server, real hosts, and what goes wrong between them."""
