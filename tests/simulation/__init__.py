"""The whole of Parley on a clock that tests move: real App, real adapters, fake vendors with their faults."""
