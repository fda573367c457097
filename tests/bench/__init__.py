"""Benchmarks: Parley beside a bare echo, in one interleaved run."""
