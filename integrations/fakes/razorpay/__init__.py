"""Razorpay as a local server: payment links, captured payments, refunds, signed webhooks, with a book of its own."""

from integrations.fakes.razorpay.server import RazorpayFake

__all__ = ["RazorpayFake"]
