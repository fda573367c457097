"""Wires the parts into a running Parley: the only place that knows all rooms. No logic of its own."""
