"""The conversation engine: flows and steps, turns, dispatch, navigation words, rendering, and the test harness.

A flow never sees a network, a clock or a channel: it gets a `Turn`, an `Answer`, and says where to go next.
"""
