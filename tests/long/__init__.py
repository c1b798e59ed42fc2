"""Storage that fails, processes that are killed, moves that race, clocks that compete: small in `make test`, full size
in `make test-long`."""
