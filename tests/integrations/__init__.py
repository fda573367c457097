"""Tests of the vendors' adapters, the fakes, and the presses."""
