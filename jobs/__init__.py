"""Work that runs by itself: delivery, calls to vendors, timers, reconciliation, upkeep."""
