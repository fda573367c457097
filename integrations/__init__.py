"""The vendors, one module or package each, behind the ports of `bot.core.ports`.

No SDK object and no SDK exception leaves this package; heavy SDKs are imported on first use.
"""
