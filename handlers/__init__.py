"""One package per service that people use; none imports another."""
