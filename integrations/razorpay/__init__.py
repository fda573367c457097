"""Razorpay: payment links and refunds over HTTP, for operators who sell in rupees (PY-13)."""

from integrations.razorpay.adapter import RazorpayAdapter

__all__ = ["RazorpayAdapter"]
