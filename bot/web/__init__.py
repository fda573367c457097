"""The aiohttp application: webhook doors, pay page, private documents, health, metrics, and the demo's simulator."""
